"""What an account is worth and how it stands, read from the records at once.

Each figure is one SQL expression over the account's row. The same expression
serves the form, sorting, grouping sums, graph and pivot, so they can't disagree,
nothing is stored and other people's invoices, leads and mails pay nothing for it.
"""

from collections import defaultdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from .nka_health_history import KEPT_DAYS

TRAILING_MONTHS = 12
HEALTH_GOOD = 70
HEALTH_WATCH = 40
#: Silence of this many cadences makes the contact score 0.
SILENT_CADENCES = 3
#: Overdue receivables as a part of the yearly revenue that make their score 0.
OVERDUE_LIMIT = 0.25
TREND_DAYS = 30
#: Points of change within the trend's days that make an arrow.
TREND_POINTS = 5
SPARK_DAYS = 180
SPARK_WIDTH = 180
SPARK_HEIGHT = 36
FELL_ACTIVITY = "nka_key_accounts.mail_activity_type_health_fell"
POOR_ACTIVITY = "nka_key_accounts.mail_activity_type_health_poor"
CONTACT_ACTIVITY = "nka_key_accounts.mail_activity_type_contact_client"
#: The activity appears so many days before the contact is due.
AHEAD_DAYS = 3


class KeyAccount(models.Model):
    _name = "nka.key.account"
    _inherit = ["nka.key.account", "nka.reminder.mixin"]

    trailing_revenue = fields.Monetary(
        compute="_compute_figures",
        aggregator="sum",
        help="Untaxed posted invoices less credit notes of the last twelve months.",
    )
    overdue_amount = fields.Monetary(
        compute="_compute_figures",
        aggregator="sum",
        help="Open receivables past their due date, less open credits.",
    )
    pipeline_amount = fields.Monetary(
        "Open pipeline",
        compute="_compute_figures",
        aggregator="sum",
        help="Expected revenue of the opportunities neither won nor lost.",
    )
    open_lead_count = fields.Integer(
        "Open leads", compute="_compute_figures", aggregator="sum"
    )
    referred_lead_count = fields.Integer(
        "Referred leads", compute="_compute_figures", aggregator="sum"
    )
    referred_won_amount = fields.Monetary(
        "Won by referral",
        compute="_compute_figures",
        aggregator="sum",
        help="Expected revenue of the won opportunities this client referred.",
    )

    # contacts
    last_contact_date = fields.Date(
        "Last contact",
        compute="_compute_figures",
        search="_search_last_contact_date",
        help="Latest held meeting, mail or done activity with the client.",
    )
    next_contact_date = fields.Date(
        "Next contact",
        compute="_compute_figures",
        search="_search_next_contact_date",
        help="Earliest planned meeting or activity, else the last contact plus "
        "the cadence.",
    )

    # health
    # Written in SQL once a day: a score isn't an edit of the account.
    health = fields.Integer(
        readonly=True,
        copy=False,
        aggregator="avg",
        help="0 to 100, from what is listed beside it; refreshed daily. It never "
        "touches pay.",
    )
    health_level = fields.Selection(
        [("good", "Good"), ("watch", "Watch"), ("poor", "Poor")],
        readonly=True,
        copy=False,
        index=True,
    )
    health_scores = fields.Json(readonly=True, copy=False)
    health_contributors = fields.Html(
        "What the health is made of", compute="_compute_health_contributors"
    )

    # trend
    health_change = fields.Integer(
        "Health, 30 days",
        compute="_compute_figures",
        search="_search_health_change",
        aggregator="avg",
        help="Points won or lost against thirty days ago.",
    )
    health_trend = fields.Selection(
        [("up", "Rising"), ("flat", "Steady"), ("down", "Falling")],
        compute="_compute_figures",
        search="_search_health_trend",
        help="Five points or more within thirty days make it rise or fall.",
    )
    health_sparkline = fields.Html(
        "Course of the health", compute="_compute_health_sparkline", sanitize=False
    )

    # completeness
    completeness = fields.Integer(
        "Completeness (%)",
        compute="_compute_figures",
        aggregator="avg",
        help="Part of the listed items that are on record.",
    )
    completeness_items = fields.Html(
        "What is on record", compute="_compute_completeness_items"
    )

    # cadence
    contact_reason = fields.Selection(
        [
            ("overdue", "Due by cadence"),
            ("planned", "Planned"),
            ("never", "No contact yet"),
        ],
        "Why today",
        compute="_compute_figures",
        search="_search_contact_reason",
        help="Why the client should be called today; empty when nothing is due.",
    )
    contact_reason_text = fields.Char("Reason", compute="_compute_contact_reason_text")

    # ------------------------------------------------------------ figures: compute
    @api.model
    def _figure_names(self):
        return [
            *super()._figure_names(),
            "trailing_revenue",
            "overdue_amount",
            "pipeline_amount",
            "open_lead_count",
            "referred_lead_count",
            "referred_won_amount",
            "last_contact_date",
            "next_contact_date",
            "contact_reason",
            "health_change",
            "health_trend",
            "completeness",
        ]

    # ------------------------------------------------------------ figures: expressions

    @api.model
    def _sql_trailing_revenue(self, alias):
        today = fields.Date.context_today(self)
        return self._sql_revenue(alias, self._trailing_since(), today)

    @api.model
    def _sql_earlier_revenue(self, alias):
        """Of the twelve months before the last twelve."""
        since = self._trailing_since()
        before = since - relativedelta(months=TRAILING_MONTHS)
        return self._sql_revenue(alias, before, since)

    @api.model
    def _sql_revenue(self, alias, since, until):
        return SQL(
            """(SELECT COALESCE(SUM(move.amount_untaxed_signed), 0)
                  FROM res_partner party
                  JOIN account_move move ON move.partner_id = party.id
                 WHERE party.commercial_partner_id = %(partner)s
                   AND move.company_id = %(company)s
                   AND move.move_type IN ('out_invoice', 'out_refund')
                   AND move.state = 'posted'
                   AND move.invoice_date > %(since)s
                   AND move.invoice_date <= %(until)s)""",
            since=since,
            until=until,
            **self._sql_owner(alias),
        )

    @api.model
    def _trailing_since(self):
        today = fields.Date.context_today(self)
        return today - relativedelta(months=TRAILING_MONTHS)

    @api.model
    def _sql_overdue_amount(self, alias):
        return SQL(
            """(SELECT COALESCE(SUM(line.amount_residual), 0)
                  FROM account_move_line line
                  JOIN account_account receivable
                    ON receivable.id = line.account_id
                   AND receivable.account_type = 'asset_receivable'
                 WHERE line.partner_id = %(partner)s
                   AND line.company_id = %(company)s
                   AND line.reconciled IS NOT TRUE
                   AND line.parent_state = 'posted'
                   AND line.date_maturity < %(today)s)""",
            today=fields.Date.context_today(self),
            **self._sql_owner(alias),
        )

    @api.model
    def _sql_pipeline_amount(self, alias):
        return SQL(
            """(SELECT COALESCE(SUM(lead.expected_revenue), 0) FROM crm_lead lead
                 WHERE lead.key_account_id = %s AND %s)""",
            SQL.identifier(alias, "id"),
            self._sql_open_lead(),
        )

    @api.model
    def _sql_open_lead_count(self, alias):
        return SQL(
            "(SELECT COUNT(*) FROM crm_lead lead WHERE lead.key_account_id = %s AND %s)",
            SQL.identifier(alias, "id"),
            self._sql_open_lead(),
        )

    @api.model
    def _sql_open_lead(self):
        return SQL("lead.active AND lead.won_status = 'pending'")

    @api.model
    def _sql_referred_lead_count(self, alias):
        return SQL(
            "(SELECT COUNT(*) FROM crm_lead lead WHERE lead.referrer_id = %s)",
            SQL.identifier(alias, "id"),
        )

    @api.model
    def _sql_referred_won_amount(self, alias):
        return SQL(
            """(SELECT COALESCE(SUM(lead.expected_revenue), 0) FROM crm_lead lead
                 WHERE lead.referrer_id = %s AND lead.won_status = 'won')""",
            SQL.identifier(alias, "id"),
        )

    @api.model
    def _sql_owner(self, alias):
        return {
            "partner": SQL.identifier(alias, "partner_id"),
            "company": SQL.identifier(alias, "company_id"),
        }

    # ============================================================ contacts
    # When somebody last spoke with a client, and when it is due again.

    # ------------------------------------------------------------ contacts: search
    def _search_last_contact_date(self, operator, value):
        return self._search_figure("last_contact_date", operator, value)

    def _search_next_contact_date(self, operator, value):
        return self._search_figure("next_contact_date", operator, value)

    # ------------------------------------------------------------ contacts: expressions
    @api.model
    def _sql_last_contact_date(self, alias):
        """Meetings that are over, mails with and activities done for the client."""
        over = SQL("event.stop <= %s", fields.Datetime.now())
        return SQL(
            "(GREATEST(%s))",
            SQL(", ").join(
                [
                    self._sql_meeting(alias, SQL("MAX"), over),
                    *(
                        self._sql_message(alias, model)
                        for model in self._contact_owners(alias)
                    ),
                ]
            ),
        )

    @api.model
    def _sql_next_contact_date(self, alias):
        """A plan if there is one, else the cadence decides; former ones have none."""
        return SQL(
            """(CASE WHEN %(state)s IN ('candidate', 'key') THEN COALESCE(
                    LEAST(%(meeting)s, %(activity)s),
                    COALESCE(%(last)s, %(start)s, %(created)s::date)
                    + %(cadence)s) END)""",
            state=SQL.identifier(alias, "state"),
            meeting=self._sql_meeting(
                alias, SQL("MIN"), SQL("event.start > %s", fields.Datetime.now())
            ),
            activity=self._sql_activity(alias),
            last=self._sql_last_contact_date(alias),
            start=SQL.identifier(alias, "date_start"),
            created=SQL.identifier(alias, "create_date"),
            cadence=SQL.identifier(alias, "cadence_days"),
        )

    @api.model
    def _sql_local_date(self, moment):
        """The day of a stored moment (UTC) where the reader lives."""
        return SQL(
            "(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, str(self.env.tz)
        )

    @api.model
    def _sql_meeting(self, alias, aggregate, condition):
        return SQL(
            """(SELECT %(day)s
                  FROM calendar_event event
                  JOIN calendar_event_res_partner_rel rel
                    ON rel.calendar_event_id = event.id
                  JOIN res_partner party ON party.id = rel.res_partner_id
                 WHERE party.commercial_partner_id = %(partner)s
                   AND event.active AND %(condition)s AND %(held)s)""",
            day=self._sql_local_date(SQL("%s(event.start)", aggregate)),
            condition=condition,
            held=self._sql_held_meeting(),
            partner=SQL.identifier(alias, "partner_id"),
        )

    @api.model
    def _sql_held_meeting(self):
        """A negotiation that was cancelled or missed is no contact."""
        return SQL("COALESCE(event.negotiation_outcome, '') != 'not_held'")

    @api.model
    def _contact_owners(self, alias):
        """Hook: on which records people are in touch with the client.

        :return: for each model the ids of its records that belong to the account row
        :rtype: dict[str, SQL]
        """
        account = SQL.identifier(alias, "id")
        client = SQL.identifier(alias, "partner_id")
        return {
            "nka.key.account": SQL("(%s)", account),
            "crm.lead": SQL(
                "(SELECT id FROM crm_lead WHERE key_account_id = %s)", account
            ),
            "res.partner": SQL(
                "(SELECT id FROM res_partner WHERE commercial_partner_id = %s)", client
            ),
        }

    @api.model
    def _sql_message(self, alias, model):
        """Mails in either direction and contact activities that were done.

        A comment is a mail when it went to somebody of the client.
        """
        return SQL(
            """(SELECT %(day)s
                  FROM mail_message message
             LEFT JOIN mail_activity_type kind
                    ON kind.id = message.mail_activity_type_id
                 WHERE message.model = %(model)s AND message.res_id IN %(owners)s
                   AND (message.message_type IN ('email', 'email_outgoing')
                        OR %(contact)s
                        OR EXISTS (
                            SELECT 1 FROM mail_notification sent
                              JOIN res_partner party ON party.id = sent.res_partner_id
                             WHERE sent.mail_message_id = message.id
                               AND party.commercial_partner_id = %(partner)s)))""",
            day=self._sql_local_date(SQL("MAX(message.date)")),
            model=model,
            owners=self._contact_owners(alias)[model],
            contact=self._sql_contact_activity(),
            partner=SQL.identifier(alias, "partner_id"),
        )

    @api.model
    def _sql_contact_activity(self):
        """Calls, meetings and mails; a to-do for the office is no contact."""
        mail_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "mail.mail_activity_data_email"
        )
        return SQL(
            "(kind.category IN ('phonecall', 'meeting') OR kind.id = %s)",
            mail_id or None,
        )

    @api.model
    def _sql_activity(self, alias):
        """The earliest planned contact, an overdue one included."""
        owned = [
            SQL("(activity.res_model = %s AND activity.res_id IN %s)", model, owners)
            for model, owners in self._contact_owners(alias).items()
        ]
        return SQL(
            """(SELECT MIN(activity.date_deadline)
                  FROM mail_activity activity
                  JOIN mail_activity_type kind ON kind.id = activity.activity_type_id
                 WHERE activity.active AND %s AND (%s))""",
            self._sql_contact_activity(),
            SQL(" OR ").join(owned),
        )

    # ============================================================ health
    # How an account stands, 0 to 100, and what that is made of.

    # ------------------------------------------------------------ health: compute
    @api.depends("health_scores")
    @api.depends_context("lang")
    def _compute_health_contributors(self):
        weighed = {
            company: self._weigh("account", company) for company in self.company_id
        }
        for account in self:
            scores = account.health_scores or {}
            account.health_contributors = self._render_contributors(
                [
                    (label, weight, scores[code])
                    for code, label, _sql, weight in weighed.get(account.company_id, [])
                    if scores.get(code) is not None and weight
                ]
            )

    @api.model
    def _render_contributors(self, rows):
        if not rows:
            return False
        row_html = Markup(
            "<tr><td>%s</td><td class='text-end'>%s</td>"
            "<td class='text-end text-muted'>× %s</td></tr>"
        )
        return Markup("<table class='table table-sm mb-0'>%s</table>") % Markup().join(
            row_html % (label, score, weight) for label, weight, score in rows
        )

    # ------------------------------------------------------------ health: contributors
    @api.model
    def _health_contributors(self, alias):
        """Hook: what the health is made of; rooms add their own.

        A score is an SQL expression over the account row called ``alias``, from 0 to
        100; NULL leaves the contributor out for that account.

        :return: code, label, score, usual weight of each contributor
        :rtype: list[tuple[str, str, SQL, int]]
        """
        return [
            ("contact", self.env._("In touch"), self._sql_contact_score(alias), 60),
            ("overdue", self.env._("Pays in time"), self._sql_overdue_score(alias), 40),
            # A client without a year behind them isn't judged by their revenue.
            ("revenue", self.env._("Revenue"), self._sql_revenue_score(alias), 25),
            # People on the map; an account without a map isn't judged by it.
            ("people", self.env._("People known"), self._sql_people_score(alias), 15),
        ]

    @api.model
    def _weigh(self, alias, company):
        """The contributors with the weights that a company has set for them."""
        weights = self.env["nka.health.weight"]._weights_of(company)
        return [
            (code, label, score, weights.get(code, usual))
            for code, label, score, usual in self._health_contributors(alias)
        ]

    @api.model
    def _sql_contact_score(self, alias):
        """100 within the cadence, then falling to 0 at three times the cadence."""
        return SQL(
            """LEAST(100, GREATEST(0, 100 - 100.0
                * (%(today)s - COALESCE(%(last)s, %(start)s, %(created)s::date)
                   - %(cadence)s) / (%(rest)s * %(cadence)s)))""",
            today=fields.Date.context_today(self),
            last=self._sql_last_contact_date(alias),
            start=SQL.identifier(alias, "date_start"),
            created=SQL.identifier(alias, "create_date"),
            cadence=SQL.identifier(alias, "cadence_days"),
            rest=SILENT_CADENCES - 1,
        )

    @api.model
    def _sql_overdue_score(self, alias):
        """100 without overdue receivables, 0 at a quarter of the yearly revenue. Who was
        invoiced nothing in the year and owes nothing isn't judged by it.
        """
        return SQL(
            """CASE WHEN %(overdue)s <= 0 AND %(revenue)s <= 0 THEN NULL
                    WHEN %(overdue)s <= 0 THEN 100
                    WHEN %(revenue)s <= 0 THEN 0
                    ELSE GREATEST(0, 100 - 100 * %(overdue)s
                                     / (%(limit)s * %(revenue)s)) END""",
            overdue=self._sql_overdue_amount(alias),
            revenue=self._sql_trailing_revenue(alias),
            limit=OVERDUE_LIMIT,
        )

    # ------------------------------------------------------------ health: refreshing
    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        accounts._refresh_health()
        return accounts

    def action_refresh_health(self):
        """Score these accounts now instead of tonight."""
        self.check_access("read")
        self._refresh_health()
        return True

    @api.model
    def _cron_refresh_health(self):
        """Refresh, remember and, where it fell, tell of the health of all accounts."""
        accounts = self.search([("state", "in", ("candidate", "key"))])
        accounts._refresh_health()
        accounts._remember_health()._alert_fall()

    def _refresh_health(self):
        """Score these accounts, each company's in one statement; rows that stay
        aren't touched.
        """
        if not self:
            return
        self.env.flush_all()
        for company, accounts in self.grouped("company_id").items():
            self.env.cr.execute(accounts._sql_refresh(company))
        self.invalidate_model(["health", "health_level", "health_scores"])

    def _sql_refresh(self, company):
        contributors = self._weigh("account", company)
        return SQL(
            """WITH scored AS (
                    SELECT account.id, %(scores)s
                      FROM nka_key_account account WHERE account.id = ANY(%(ids)s)
               ), summed AS (
                    SELECT id, ROUND((%(sum)s) / NULLIF(%(weights)s, 0)) AS health,
                           jsonb_strip_nulls(jsonb_build_object(%(json)s)) AS scores
                      FROM scored
               )
               UPDATE nka_key_account account
                  SET health = summed.health, health_scores = summed.scores,
                      health_level = CASE WHEN summed.health >= %(good)s THEN 'good'
                                          WHEN summed.health >= %(watch)s THEN 'watch'
                                          ELSE 'poor' END
                 FROM summed
                WHERE summed.id = account.id
                  AND (account.health, account.health_scores)
                      IS DISTINCT FROM (summed.health, summed.scores)""",
            ids=self.ids,
            good=HEALTH_GOOD,
            watch=HEALTH_WATCH,
            **self._prepare_score_sql(contributors),
        )

    @api.model
    def _prepare_score_sql(self, contributors):
        columns = [SQL.identifier(code) for code, _label, _sql, _weight in contributors]
        weights = [weight for *_rest, weight in contributors]
        return {
            "scores": SQL(", ").join(
                SQL("ROUND(%s) AS %s", score, column)
                for column, (_code, _label, score, _weight) in zip(
                    columns, contributors
                )
            ),
            "sum": SQL(" + ").join(
                SQL("COALESCE(%s * %s, 0)", column, weight)
                for column, weight in zip(columns, weights)
            ),
            "weights": SQL(
                "(%s)",
                SQL(" + ").join(
                    SQL("CASE WHEN %s IS NULL THEN 0 ELSE %s END", column, weight)
                    for column, weight in zip(columns, weights)
                ),
            ),
            "json": SQL(", ").join(
                SQL("%s, %s", code, column)
                for column, (code, *_rest) in zip(columns, contributors)
            ),
        }

    # ============================================================ trend
    # Where the health of an account is heading: history, sparkline, and an alarm on a fall.

    # ------------------------------------------------------------ trend: figures

    def _search_health_change(self, operator, value):
        return self._search_figure("health_change", operator, value)

    def _search_health_trend(self, operator, value):
        return self._search_figure("health_trend", operator, value)

    @api.model
    def _sql_health_change(self, alias):
        """Against the score in force thirty days ago, else the first one known."""
        return SQL(
            """(%(health)s - COALESCE(%(then)s, %(first)s, %(health)s))""",
            health=SQL.identifier(alias, "health"),
            then=self._sql_past_health(
                alias, SQL("past.date <= %s", self._trend_since()), SQL("DESC")
            ),
            first=self._sql_past_health(alias, SQL("TRUE"), SQL("ASC")),
        )

    @api.model
    def _trend_since(self):
        return fields.Date.context_today(self) - timedelta(days=TREND_DAYS)

    @api.model
    def _sql_past_health(self, alias, condition, direction):
        return SQL(
            """(SELECT past.health FROM nka_health_history past
                 WHERE past.key_account_id = %s AND %s
              ORDER BY past.date %s LIMIT 1)""",
            SQL.identifier(alias, "id"),
            condition,
            direction,
        )

    @api.model
    def _sql_health_trend(self, alias):
        return SQL(
            """(CASE WHEN %(health)s IS NULL THEN NULL
                     WHEN %(change)s >= %(points)s THEN 'up'
                     WHEN %(change)s <= -%(points)s THEN 'down' ELSE 'flat' END)""",
            health=SQL.identifier(alias, "health"),
            change=self._sql_health_change(alias),
            points=TREND_POINTS,
        )

    # ------------------------------------------------------------ trend: sparkline
    @api.depends("health")
    @api.depends_context("lang", "tz")
    def _compute_health_sparkline(self):
        today = fields.Date.context_today(self)
        courses = self._read_courses(today - timedelta(days=SPARK_DAYS))
        for account in self:
            course = courses.get(account._origin.id)
            account.health_sparkline = course and account._draw_course(course, today)

    def _read_courses(self, since):
        """Days and scores of these accounts: one query.

        :rtype: dict[int, list[tuple[date, int]]]
        """
        rows = (
            self.env["nka.health.history"]
            .sudo()
            .search_fetch(
                [("key_account_id", "in", self.ids), ("date", ">=", since)],
                ["key_account_id", "date", "health"],
                order="date",
            )
        )
        return {
            account.id: [(row.date, row.health) for row in group]
            for account, group in rows.grouped("key_account_id").items()
        }

    def _draw_course(self, course, today):
        """A stair of the scores, from the first day known until today."""
        first = course[0][0]
        span = max((today - first).days, 1)
        points, height = [], None
        for day, health in [*course, (today, course[-1][1])]:
            x = round((day - first).days * SPARK_WIDTH / span, 1)
            if height is not None:
                points.append(f"{x},{height}")
            height = round(SPARK_HEIGHT - 2 - health * (SPARK_HEIGHT - 4) / 100, 1)
            points.append(f"{x},{height}")
        label = self.env._(
            "Health from %(first)s to %(last)s since %(day)s",
            first=course[0][1],
            last=course[-1][1],
            day=first,
        )
        return Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="%s" '
            'viewBox="0 0 %s %s" style="width:100%%;max-width:%spx;height:%spx" '
            'preserveAspectRatio="none"><title>%s</title><polyline points="%s" '
            'fill="none" stroke="currentColor" stroke-width="2" '
            'vector-effect="non-scaling-stroke"/></svg>'
        ) % (
            label,
            SPARK_WIDTH,
            SPARK_HEIGHT,
            SPARK_WIDTH * 2,
            SPARK_HEIGHT,
            label,
            " ".join(points),
        )

    # ------------------------------------------------------------ trend: daily job

    def _remember_health(self):
        """Keep today's scores that differ from the last ones known.

        :return: the accounts whose score is lower than the last one known
        """
        self.env.flush_all()
        today = fields.Date.context_today(self)
        self.env.cr.execute(
            """WITH known AS (
                    SELECT account.id, account.health,
                           (SELECT past.health FROM nka_health_history past
                             WHERE past.key_account_id = account.id
                               AND past.date < %(today)s
                          ORDER BY past.date DESC LIMIT 1) AS before
                      FROM nka_key_account account
                     WHERE account.id = ANY(%(ids)s) AND account.health IS NOT NULL
               ), kept AS (
                    INSERT INTO nka_health_history (key_account_id, date, health)
                    SELECT id, %(today)s, health FROM known
                     WHERE health IS DISTINCT FROM before
                        ON CONFLICT (key_account_id, date)
                        DO UPDATE SET health = EXCLUDED.health
               ), old AS (
                    DELETE FROM nka_health_history WHERE date < %(limit)s
               )
               SELECT id FROM known WHERE health < before ORDER BY id""",
            {
                "ids": self.ids,
                "today": today,
                "limit": today - timedelta(days=KEPT_DAYS),
            },
        )
        fallen = [account_id for (account_id,) in self.env.cr.fetchall()]
        self.env["nka.health.history"].invalidate_model(flush=False)
        self._forget_figures()
        return self.browse(fallen)

    def _alert_fall(self):
        """Tell the manager of a fall, and the supervisor when little health is left.

        Only on a day on which the score went down: who has dealt with the fall isn't
        told of it again tomorrow. Where there is no manager the supervisor stands in.
        """
        deep = self.filtered(
            lambda account: account.health_change <= -account.company_id.nka_health_fall
        )
        deep._raise_activities(
            FELL_ACTIVITY, {account.id: account._user_to_tell().id for account in deep}
        )
        poor = deep.filtered(lambda account: account.health_level == "poor")
        poor._raise_activities(
            POOR_ACTIVITY, {account.id: account.supervisor_id.id for account in poor}
        )

    # ------------------------------------------------------------ trend: contributor

    @api.model
    def _sql_revenue_score(self, alias):
        """100 where twelve months bring what the twelve before did, 0 at half of it."""
        return SQL(
            """CASE WHEN %(before)s > 0 THEN LEAST(100, GREATEST(0,
                    200 * %(now)s / %(before)s - 100)) END""",
            now=self._sql_trailing_revenue(alias),
            before=self._sql_earlier_revenue(alias),
        )

    # ============================================================ completeness
    # How much of an account is documented, so that nobody is the only one who knows it.

    # ------------------------------------------------------------ completeness: items
    @api.model
    def _completeness_conditions(self, alias):
        """Hook: what should be on record; rooms add their own.

        :return: code, label and SQL condition over the account row called ``alias``
        :rtype: list[tuple[str, str, SQL]]
        """
        return [
            ("tier", self.env._("Tier"), self._sql_filled(alias, "tier_id")),
            ("deputy", self.env._("Deputy"), self._sql_filled(alias, "deputy_id")),
            ("people", self.env._("Two contacts"), self._sql_has_people(alias)),
            ("plan", self.env._("Next contact planned"), self._sql_has_plan(alias)),
            ("note", self.env._("What everybody should know"), self._sql_noted(alias)),
            (
                "qualification",
                self.env._("Valid qualification"),
                self._sql_qualified(alias),
            ),
        ]

    @api.model
    def _sql_completeness(self, alias):
        items = self._completeness_conditions(alias)
        met = SQL(" + ").join(SQL("(%s)::int", sql) for _code, _label, sql in items)
        return SQL("ROUND(100.0 * (%s) / %s)", met, len(items))

    def _compute_completeness_items(self):
        items = self._completeness_conditions("account")
        met = self._read_completeness(items) if self.ids else {}
        for account in self:
            row = met.get(account._origin.id)
            account.completeness_items = row and self._render_items(items, row)

    def _read_completeness(self, items):
        """Which items are on record: one statement.

        :rtype: dict[int, dict[str, bool]]
        """
        self.env.flush_all()
        columns = [
            SQL("(%s) AS %s", sql, SQL.identifier(code)) for code, _label, sql in items
        ]
        self.env.cr.execute(
            SQL(
                "SELECT account.id, %s FROM nka_key_account account WHERE id = ANY(%s)",
                SQL(", ").join(columns),
                self.ids,
            )
        )
        return {row.pop("id"): row for row in self.env.cr.dictfetchall()}

    @api.model
    def _render_items(self, items, row):
        item_html = Markup("<li><i class='fa fa-fw %s'></i> %s</li>")
        return Markup("<ul class='list-unstyled mb-0'>%s</ul>") % Markup().join(
            item_html
            % (
                "fa-check text-success" if row[code] else "fa-square-o text-muted",
                label,
            )
            for code, label, _sql in items
        )

    # ------------------------------------------------------------ completeness: expressions
    @api.model
    def _sql_filled(self, alias, fname):
        return SQL("%s IS NOT NULL", SQL.identifier(alias, fname))

    @api.model
    def _sql_has_people(self, alias):
        return SQL(
            """(SELECT COUNT(*) FROM res_partner person
                 WHERE person.commercial_partner_id = %(client)s
                   AND person.id != %(client)s AND person.active
                   AND person.type = 'contact'
                   AND COALESCE(person.email, person.phone, '') != '') >= 2""",
            client=SQL.identifier(alias, "partner_id"),
        )

    @api.model
    def _sql_has_plan(self, alias):
        coming = SQL("event.start > %s", fields.Datetime.now())
        return SQL(
            "COALESCE(%s, %s) IS NOT NULL",
            self._sql_meeting(alias, SQL("MIN"), coming),
            self._sql_activity(alias),
        )

    @api.model
    def _sql_noted(self, alias):
        return SQL(
            r"COALESCE(regexp_replace(%s, '<[^>]*>|&nbsp;', '', 'g'), '') ~ '\S'",
            SQL.identifier(alias, "note"),
        )

    @api.model
    def _sql_qualified(self, alias):
        return SQL(
            """EXISTS (SELECT 1 FROM nka_qualification verdict
                        WHERE verdict.key_account_id = %s
                          AND verdict.state = 'approved'
                          AND verdict.verdict IN ('qualified', 'conditional')
                          AND verdict.date_valid >= %s)""",
            SQL.identifier(alias, "id"),
            fields.Date.context_today(self),
        )

    # ============================================================ cadence
    # Whom to call today and why, and the next contact as an activity.

    # ------------------------------------------------------------ cadence: figures

    def _search_contact_reason(self, operator, value):
        return self._search_figure("contact_reason", operator, value)

    @api.model
    def _sql_contact_reason(self, alias):
        """A plan for later silences everything; else the cadence, else the plan."""
        return SQL(
            """(CASE WHEN %(state)s NOT IN ('candidate', 'key') THEN NULL
                     WHEN %(plan)s > %(today)s THEN NULL
                     WHEN %(last)s IS NULL THEN 'never'
                     WHEN %(last)s + %(cadence)s <= %(today)s THEN 'overdue'
                     WHEN %(plan)s IS NOT NULL THEN 'planned' END)""",
            state=SQL.identifier(alias, "state"),
            plan=self._sql_planned_contact(alias),
            last=self._sql_last_contact_date(alias),
            cadence=SQL.identifier(alias, "cadence_days"),
            today=fields.Date.context_today(self),
        )

    @api.model
    def _sql_planned_contact(self, alias):
        coming = SQL("event.start > %s", fields.Datetime.now())
        return SQL(
            "LEAST(%s, %s)",
            self._sql_meeting(alias, SQL("MIN"), coming),
            self._sql_activity(alias),
        )

    def _describe_next_step(self, today):
        """An overdue contact comes first, one that is due later comes last."""
        due = self.state == "key" and self.next_contact_date
        if due and due < today:
            return self.env._(
                "Get in touch, it was due on %s", format_date(self.env, due)
            )
        step = super()._describe_next_step(today)
        if step or not due:
            return step
        return self.env._("Next contact on %s", format_date(self.env, due))

    @api.depends("contact_reason", "last_contact_date", "next_contact_date")
    @api.depends_context("lang", "tz")
    def _compute_contact_reason_text(self):
        today = fields.Date.context_today(self)
        for account in self:
            account.contact_reason_text = account._contact_reason_words(today)

    def _contact_reason_words(self, today):
        if self.contact_reason == "never":
            return self.env._("Nobody has been in touch yet.")
        if self.contact_reason == "overdue":
            return self.env._(
                "Last contact %(days)s days ago, every %(cadence)s agreed.",
                days=(today - self.last_contact_date).days,
                cadence=self.cadence_days,
            )
        if self.contact_reason == "planned":
            late = (today - self.next_contact_date).days
            if late > 0:
                return self.env._("Planned %s days ago and still open.", late)
            return self.env._("Planned for today.")
        return False

    # ------------------------------------------------------------ cadence: actions
    def action_log_contact(self):
        """Note a contact with the client and plan the next one."""
        self.ensure_one()
        return self._action_log_contact()

    def _action_log_contact(self, stakeholder=None):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Contact with %s", self.display_name),
            "res_model": "nka.contact.log",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_key_account_id": self.id,
                "default_stakeholder_id": stakeholder.id if stakeholder else False,
            },
        }

    # ------------------------------------------------------------ cadence: business
    @api.model
    def _cron_plan_contacts(self):
        """Give whoever is on duty the contacts that fall due as activities, once each.

        An activity of ours that a later contact made superfluous goes again, and one goes
        along when the manager leaves or comes back. The number of statements doesn't
        grow with the accounts.
        """
        rows = self._read_contact_plan()
        self._pass_contacts_on(rows)
        today = fields.Date.context_today(self)
        soon = today + timedelta(days=AHEAD_DAYS)
        stale = [row["activity_id"] for row in rows if row["due"] > soon]
        self.env["mail.activity"].browse(filter(None, stale)).unlink()
        due = [row for row in rows if row["due"] <= soon and not row["planned"]]
        self.browse(row["id"] for row in due)._raise_activities(
            CONTACT_ACTIVITY,
            {row["id"]: row["user_id"] for row in due},
            {row["id"]: row["due"] for row in due},
        )

    @api.model
    def _pass_contacts_on(self, rows):
        """Activities of this job that wait on the list of the manager while the deputy
        stands in, or the other way round; what people gave to others stays there.
        """
        moved = defaultdict(list)
        for row in rows:
            pair = {row["manager_id"], row["deputy_id"]} - {row["user_id"]}
            if row["activity_id"] and row["owner_id"] in pair:
                moved[row["user_id"]].append(row["activity_id"])
        for user_id, ids in moved.items():
            activities = self.env["mail.activity"].sudo().browse(ids)
            # No mail is sent for them: they stand on the to-do list.
            activities.with_context(mail_activity_quick_update=True).user_id = user_id

    def _read_contact_plan(self):
        """For each current account with a manager: who is on duty, day due, whether anything is
        planned, and the activity this job made earlier.

        :rtype: list[dict]
        """
        self.env.flush_all()
        coming = SQL("event.start > %s", fields.Datetime.now())
        kind = self.env.ref(CONTACT_ACTIVITY)
        self.env.cr.execute(
            SQL(
                """SELECT account.id, %(duty)s AS user_id, account.manager_id,
                          account.deputy_id, waiting.id AS activity_id,
                          waiting.user_id AS owner_id,
                          COALESCE(%(last)s, account.date_start,
                                   account.create_date::date)
                          + account.cadence_days AS due,
                          COALESCE(%(meeting)s, %(activity)s) IS NOT NULL AS planned
                     FROM nka_key_account account
        LEFT JOIN LATERAL (SELECT ours.id, ours.user_id FROM mail_activity ours
                            WHERE ours.res_model = 'nka.key.account'
                              AND ours.res_id = account.id AND ours.automated
                              AND ours.active AND ours.activity_type_id = %(kind)s
                            ORDER BY ours.id LIMIT 1) waiting ON TRUE
                    WHERE account.state IN ('candidate', 'key')
                      AND account.manager_id IS NOT NULL""",
                duty=self._sql_on_duty("account"),
                last=self._sql_last_contact_date("account"),
                meeting=self._sql_meeting("account", SQL("MIN"), coming),
                activity=self._sql_activity("account"),
                kind=kind.id,
            )
        )
        return self.env.cr.dictfetchall()

    # ============================================================ open
    # Every figure of an account opens the records it was made of.

    def action_open_invoices(self):
        """Invoices and credit notes behind ``trailing_revenue``."""
        self.ensure_one()
        return self._prepare_open(
            self.env._("Revenue of twelve months"),
            "account.move",
            self._domain_invoices(),
            context={"create": False},
        )

    def _domain_invoices(self):
        return [
            ("partner_id.commercial_partner_id", "=", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
            ("move_type", "in", ("out_invoice", "out_refund")),
            ("state", "=", "posted"),
            ("invoice_date", ">", self._trailing_since()),
            ("invoice_date", "<=", fields.Date.context_today(self)),
        ]

    def action_open_overdue(self):
        """Open receivable items behind ``overdue_amount``."""
        self.ensure_one()
        return self._prepare_open(
            self.env._("Overdue receivables"),
            "account.move.line",
            self._domain_overdue(),
            view_mode="list",
            context={"create": False},
        )

    def _domain_overdue(self):
        return [
            ("partner_id", "=", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
            ("account_id.account_type", "=", "asset_receivable"),
            ("reconciled", "=", False),
            ("parent_state", "=", "posted"),
            ("date_maturity", "<", fields.Date.context_today(self)),
        ]

    def action_open_leads(self):
        """Open opportunities behind ``pipeline_amount``."""
        self.ensure_one()
        return self._prepare_open(
            self.env._("Pipeline"),
            "crm.lead",
            [("key_account_id", "=", self.id), ("won_status", "=", "pending")],
            view_mode="kanban,list,graph,pivot,form",
            context={
                "default_partner_id": self.partner_id.id,
                "default_type": "opportunity",
            },
        )

    def action_open_referrals(self):
        """Leads this client referred to us, and what came of them."""
        self.ensure_one()
        return self._prepare_open(
            self.env._("Referred leads"),
            "crm.lead",
            [("referrer_id", "=", self.id)],
            context={
                "default_origin": "referral",
                "default_referrer_id": self.id,
                "active_test": False,
            },
        )

    def action_open_meetings(self):
        """Meetings with the client's people, past and planned."""
        self.ensure_one()
        return self._prepare_open(
            self.env._("Meetings"),
            "calendar.event",
            [("partner_ids.commercial_partner_id", "=", self.partner_id.id)],
            view_mode="list,calendar,form",
        )
