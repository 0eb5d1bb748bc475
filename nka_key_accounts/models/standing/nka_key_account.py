"""Contacts and their cadence, health score and trend, and profile completeness."""

from collections import defaultdict
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..facts import contacts
from . import contact_due
from .nka_health_weight import percentages

HEALTH_GOOD = 70
HEALTH_WATCH = 40
#: Number of cadences without a contact at which the contact score is 0.
SILENT_CADENCES = 3
#: Ratio of overdue receivables to yearly revenue at which the payment score is 0.
OVERDUE_LIMIT = 0.25
#: Change in points within thirty days that counts as a trend.
TREND_POINTS = 5
FELL_ACTIVITY = "nka_key_accounts.mail_activity_type_health_fell"
POOR_ACTIVITY = "nka_key_accounts.mail_activity_type_health_poor"
CONTACT_ACTIVITY = "nka_key_accounts.mail_activity_type_contact_client"
#: The activity is created this many days before the contact is due.
AHEAD_DAYS = 3
IS_OPEN_LEAD = SQL("lead.active AND lead.won_status = 'pending'")


def _search(name):
    """Return a search method for a figure that isn't stored."""
    return lambda accounts, operator, value: accounts._search_figure(
        name, operator, value
    )


class KeyAccount(models.Model):
    _name = "nka.key.account"
    _inherit = ["nka.key.account", "nka.reminder.mixin"]

    pipeline_amount = fields.Monetary(
        "Open pipeline",
        compute="_compute_figures",
        aggregator="sum",
        help="Expected revenue of open opportunities.",
    )
    open_lead_count = fields.Integer(
        "Open leads", compute="_compute_figures", aggregator="sum"
    )

    last_contact_date = fields.Date(
        "Last contact",
        compute="_compute_figures",
        search=_search("last_contact_date"),
        help="Latest held meeting, email or completed activity with the client.",
    )
    next_contact_date = fields.Date(
        "Next contact",
        compute="_compute_figures",
        search=_search("next_contact_date"),
        help="Earliest planned meeting or activity, or the last contact plus the "
        "cadence if nothing is planned.",
    )
    contact_reason = fields.Selection(
        [
            ("overdue", "Due by cadence"),
            ("planned", "Planned"),
            ("never", "No contact yet"),
        ],
        "Reason for contact",
        compute="_compute_figures",
        search=_search("contact_reason"),
        help="Why the client should be contacted today. Empty if nothing is due.",
    )
    contact_reason_text = fields.Char("Details", compute="_compute_contact_reason_text")

    # Written by SQL once a day, so that it doesn't change write_date or trigger
    # tracking.
    health = fields.Integer(
        readonly=True,
        copy=False,
        aggregator="avg",
        help=(
            "Score from 0 to 100 based on the factors listed next to it. Updated "
            "daily. Never affects pay."
        ),
    )
    health_level = fields.Selection(
        [("good", "Good"), ("watch", "Needs attention"), ("poor", "Poor")],
        "Health level",
        readonly=True,
        copy=False,
        index=True,
    )
    health_scores = fields.Json("Scores of health factors", readonly=True, copy=False)
    health_contributors = fields.Html(
        "Health factors", compute="_compute_health_contributors"
    )

    health_change = fields.Integer(
        "Health change, 30 days",
        compute="_compute_figures",
        search=_search("health_change"),
        aggregator="avg",
        help="Change in points over the last thirty days.",
    )
    health_trend = fields.Selection(
        [("up", "Rising"), ("flat", "Steady"), ("down", "Falling")],
        "Health trend",
        compute="_compute_figures",
        search=_search("health_trend"),
        help=(
            "Rising or falling means a change of five points or more within thirty "
            "days."
        ),
    )
    health_sparkline = fields.Html(
        "Health history", compute="_compute_health_sparkline", sanitize=False
    )

    completeness = fields.Integer(
        "Profile completeness (%)",
        compute="_compute_figures",
        aggregator="avg",
        help="Share of the required account data that is recorded.",
    )
    completeness_items = fields.Html(
        "Recorded data", compute="_compute_completeness_items"
    )

    # ------------------------------------------------------------ pipeline
    @api.model
    def _sql_pipeline_amount(self, alias):
        return SQL(
            """(SELECT COALESCE(SUM(lead.expected_revenue), 0) FROM crm_lead lead
                 WHERE lead.key_account_id = %s AND %s)""",
            SQL.identifier(alias, "id"),
            IS_OPEN_LEAD,
        )

    @api.model
    def _sql_open_lead_count(self, alias):
        return SQL(
            "(SELECT COUNT(*) FROM crm_lead lead WHERE lead.key_account_id = %s AND %s)",
            SQL.identifier(alias, "id"),
            IS_OPEN_LEAD,
        )

    def action_open_leads(self):
        """Open the opportunities behind ``pipeline_amount``."""
        self.ensure_one()
        name = self.env._("Pipeline")
        return self._prepare_open(
            name,
            "crm.lead",
            [("key_account_id", "=", self.id), ("won_status", "=", "pending")],
            view_mode="kanban,list,graph,pivot,form",
            context={
                "default_partner_id": self.partner_id.id,
                "default_type": "opportunity",
            },
        )

    # ------------------------------------------------------------ contacts
    @api.model
    def _sql_last_contact_date(self, alias):
        return contacts.last_sql(self, alias)

    @api.model
    def _sql_next_contact_date(self, alias):
        """Return SQL for the planned contact, or else the one due by cadence.

        Former and declined accounts have none.
        """
        return SQL(
            """(CASE WHEN %(state)s IN ('candidate', 'key')
                     THEN COALESCE(%(plan)s, %(due)s) END)""",
            state=SQL.identifier(alias, "state"),
            plan=contacts.planned_sql(self, alias),
            due=self._sql_contact_due(alias),
        )

    @api.model
    def _sql_contact_due(self, alias):
        """Return SQL for the day a contact is due by cadence, whatever is planned."""
        return SQL(
            "(%s + %s)",
            self._sql_silent_since(alias),
            SQL.identifier(alias, "cadence_days"),
        )

    @api.model
    def _sql_silent_since(self, alias):
        return SQL(
            "COALESCE(%s, %s, %s::date)",
            self._sql_last_contact_date(alias),
            SQL.identifier(alias, "date_start"),
            SQL.identifier(alias, "create_date"),
        )

    @api.model
    def _sql_contact_reason(self, alias):
        """Return SQL for the reason to contact the client today, or NULL.

        A plan within the next cadence means that nothing is due. Otherwise the cadence
        takes precedence over a plan.
        """
        return contact_due.reason_sql(
            state=SQL.identifier(alias, "state"),
            planned=contacts.planned_sql(self, alias),
            last=self._sql_last_contact_date(alias),
            cadence=SQL.identifier(alias, "cadence_days"),
            today=SQL("%s", fields.Date.context_today(self)),
        )

    def _describe_next_step(self, today):
        """Show an overdue contact first, and a future one if there is no other step."""
        due = self.state == "key" and self.next_contact_date
        if due and due < today:
            return self.env._(
                "Contact the client (due on %s)", format_date(self.env, due)
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
            return self.env._("The client hasn't been contacted yet.")
        if self.contact_reason == "overdue":
            return self.env._(
                "Last contact %(days)s days ago; agreed cadence: every %(cadence)s "
                "days.",
                days=(today - self.last_contact_date).days,
                cadence=self.cadence_days,
            )
        if self.contact_reason == "planned":
            late = (today - self.next_contact_date).days
            if late > 0:
                return self.env._("Planned %s days ago and still open.", late)
            return self.env._("Planned for today.")
        return False

    # ------------------------------------------------------------ contacts: actions
    def action_log_contact(self):
        """Open the wizard that logs a contact and plans the next one."""
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

    # ------------------------------------------------------------ contacts: daily job
    @api.model
    def _cron_plan_contacts(self):
        """Create activities for contacts that fall due, once each, for the user on
        duty.

        Activities of this job are deleted when a later contact made them unnecessary,
        and reassigned when the manager goes on time off or returns. The number of
        queries doesn't depend on the number of accounts.
        """
        rows = self._read_contact_plan()
        for row in rows:
            # Manager, deputy and supervisor of the account are all archived.
            row["user_id"] = row["user_id"] or self.browse(row["id"])._user_to_tell().id
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
        """Reassign activities of this job when the deputy starts or stops covering.

        Only activities of the manager and the deputy are moved; those that users
        assigned to others stay.
        """
        moved = defaultdict(list)
        for row in rows:
            pair = {row["manager_id"], row["deputy_id"]} - {row["user_id"]}
            if row["activity_id"] and row["user_id"] and row["owner_id"] in pair:
                moved[row["user_id"]].append(row["activity_id"])
        for user_id, ids in moved.items():
            activities = self.env["mail.activity"].sudo().browse(ids)
            # No mail is sent, because the activities are on the to-do list.
            activities.with_context(mail_activity_quick_update=True).user_id = user_id

    def _read_contact_plan(self):
        """Return the contact plan of each current account with a manager.

        It contains the user on duty, the due date, whether anything is planned, and the
        activity created earlier by this job.

        :rtype: list[dict]
        """
        self.env.flush_all()
        kind = self.env.ref(CONTACT_ACTIVITY)
        self.env.cr.execute(
            SQL(
                """SELECT account.id, %(duty)s AS user_id, account.manager_id,
                          account.deputy_id, waiting.id AS activity_id,
                          waiting.user_id AS owner_id,
                          %(due)s AS due, %(plan)s IS NOT NULL AS planned
                     FROM nka_key_account account
        LEFT JOIN LATERAL (SELECT ours.id, ours.user_id FROM mail_activity ours
                            WHERE ours.res_model = 'nka.key.account'
                              AND ours.res_id = account.id AND ours.automated
                              AND ours.active AND ours.activity_type_id = %(kind)s
                            ORDER BY ours.id LIMIT 1) waiting ON TRUE
                    WHERE account.state IN ('candidate', 'key')
                      AND account.manager_id IS NOT NULL""",
                duty=self._sql_on_duty("account"),
                due=self._sql_contact_due("account"),
                plan=contacts.planned_sql(self, "account"),
                kind=kind.id,
            )
        )
        return self.env.cr.dictfetchall()

    # ------------------------------------------------------------ health
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
            "<td class='text-end text-muted'>%s %%</td></tr>"
        )
        shares = percentages([weight for _label, weight, _score in rows])
        rows = [(*row, share) for row, share in zip(rows, shares, strict=True)]
        return Markup("<table class='table table-sm mb-0'>%s</table>") % Markup().join(
            row_html % (label, score, share) for label, _weight, score, share in rows
        )

    # ------------------------------------------------------------ health: factors
    @api.model
    def _health_contributors(self, alias):
        """Hook: return the health factors. Rooms add their own.

        A score is an SQL expression over the account with the alias ``alias``, from 0
        to 100. NULL excludes the factor for that account. It can use the account's row
        ``standing`` (:meth:`_sql_standing`), which is read once for all accounts.

        :return: code, label, score and default weight of each factor
        :rtype: list[tuple[str, str, SQL, int]]
        """
        return [
            (
                "contact",
                self.env._("Contact cadence met"),
                self._sql_contact_score(alias),
                60,
            ),
            ("overdue", self.env._("Pays on time"), self._sql_overdue_score(), 40),
            # NULL without revenue in the year before.
            ("revenue", self.env._("Revenue"), self._sql_revenue_score(), 25),
            # NULL for accounts without stakeholders.
            (
                "people",
                self.env._("Known stakeholders"),
                self._sql_people_score(alias),
                15,
            ),
        ]

    @api.model
    def _weigh(self, alias, company):
        """Return the health factors with the weights set by a company."""
        weights = self.env["nka.health.weight"]._weights_of(company)
        return [
            (code, label, score, weights.get(code, usual))
            for code, label, score, usual in self._health_contributors(alias)
        ]

    @api.model
    def _sql_contact_score(self, alias):
        """Return SQL for a score: 100 while no contact is late, falling to 0 when one
        has been due for two cadences.
        """
        today = SQL("%s::date", fields.Date.context_today(self))
        since = contact_due.since_sql(
            due=self._sql_contact_due(alias),
            planned=contacts.planned_sql(self, alias),
            cadence=SQL.identifier(alias, "cadence_days"),
            today=today,
        )
        return SQL(
            """LEAST(100, GREATEST(0, 100 - 100.0
                * (%(today)s - %(due)s) / (%(rest)s * %(cadence)s)))""",
            today=today,
            due=since,
            cadence=SQL.identifier(alias, "cadence_days"),
            rest=SILENT_CADENCES - 1,
        )

    @api.model
    def _sql_overdue_score(self):
        """Return SQL for a score: 100 without overdue receivables, 0 if they amount to
        a quarter of the yearly revenue.

        NULL if nothing was invoiced in the year and nothing is overdue.
        """
        return SQL(
            """CASE WHEN standing.overdue <= 0 AND standing.trailing <= 0 THEN NULL
                    WHEN standing.overdue <= 0 THEN 100
                    WHEN standing.trailing <= 0 THEN 0
                    ELSE GREATEST(0, 100 - 100 * standing.overdue
                                     / (%s * standing.trailing)) END""",
            OVERDUE_LIMIT,
        )

    @api.model
    def _sql_revenue_score(self):
        """Return SQL for a score: 100 if revenue of the last twelve months reaches that
        of the twelve before, 0 at half of it.
        """
        return SQL(
            """CASE WHEN standing.earlier > 0 THEN LEAST(100, GREATEST(0,
                    200 * standing.trailing / standing.earlier - 100)) END"""
        )

    # ------------------------------------------------------------ health: refreshing
    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        accounts._refresh_health()
        return accounts

    def action_refresh_health(self):
        """Update the health score of these accounts now instead of in the daily job."""
        self.check_access("read")
        self._refresh_health()
        return True

    @api.model
    def _cron_refresh_health(self):
        """Update and store the health of all accounts, and alert where it fell."""
        accounts = self.search([("state", "in", ("candidate", "key"))])
        accounts._refresh_health()
        self.env["nka.health.history"]._remember(accounts)._alert_fall()

    def _alert_fall(self):
        """Notify the manager of a fall in health, and the supervisor if it is poor.

        This is done only on days on which the score fell, so that there is no reminder
        of a fall already dealt with. If the manager and deputy are archived or missing,
        the supervisor is notified instead.
        """
        deep = self.filtered(
            lambda account: account.health_change <= -account.company_id.nka_health_fall
        )
        deep._raise_activities(
            FELL_ACTIVITY, {account.id: account._user_to_tell().id for account in deep}
        )
        poor = deep.filtered(lambda account: account.health_level == "poor")
        poor._raise_activities(
            POOR_ACTIVITY,
            {account.id: account._reviewer().id for account in poor},
        )

    def _refresh_health(self):
        """Update the scores of these accounts, with one query per company. Unchanged
        rows aren't written.
        """
        if not self:
            return
        self.env.flush_all()
        # Grouped by the database: reading all fields of each account takes longer.
        for company, accounts in self.sudo()._read_group(
            [("id", "in", self.ids)], ["company_id"], ["id:recordset"]
        ):
            self.env.cr.execute(accounts._sql_refresh(company))
        self.invalidate_model(["health", "health_level", "health_scores"])

    def _sql_refresh(self, company):
        contributors = self._weigh("account", company)
        # Materialized: otherwise each score is planned and computed once per use.
        return SQL(
            """WITH standing AS MATERIALIZED (%(standing)s), scored AS MATERIALIZED (
                    SELECT account.id, %(scores)s
                      FROM nka_key_account account
                      JOIN standing ON standing.account_id = account.id
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
            standing=self._sql_standing(SQL("account.id = ANY(%s)", self.ids)),
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

    # ------------------------------------------------------------ trend
    @api.model
    def _sql_health_change(self, alias):
        return self.env["nka.health.history"]._sql_change(alias)

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

    @api.depends("health")
    @api.depends_context("lang", "tz")
    def _compute_health_sparkline(self):
        drawn = self.env["nka.health.history"]._sparklines(self)
        for account in self:
            account.health_sparkline = drawn.get(account._origin.id)

    # ------------------------------------------------------------ completeness
    def _compute_completeness_items(self):
        items = self._completeness_conditions("account")
        met = self._read_completeness(items) if self.ids else {}
        for account in self:
            row = met.get(account._origin.id)
            account.completeness_items = row and self._render_items(items, row)

    def _read_completeness(self, items):
        """Return which items are recorded, by account id. One query.

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

    @api.model
    def _completeness_conditions(self, alias):
        """Hook: return the data that should be recorded. Rooms add their own.

        :return: code, label and SQL condition over the account with the alias ``alias``
        :rtype: list[tuple[str, str, SQL]]
        """
        return [
            ("tier", self.env._("Account tier"), self._sql_filled(alias, "tier_id")),
            ("deputy", self.env._("Deputy"), self._sql_filled(alias, "deputy_id")),
            ("people", self.env._("Two contacts"), self._sql_has_people(alias)),
            ("plan", self.env._("Next contact planned"), self._sql_has_plan(alias)),
            ("note", self.env._("Key facts"), self._sql_noted(alias)),
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

    @api.model
    def _sql_filled(self, alias, fname):
        return SQL("%s IS NOT NULL", SQL.identifier(alias, fname))

    @api.model
    def _sql_has_people(self, alias):
        """A company needs two contacts; a person is one's own and the only one."""
        return SQL(
            """(SELECT COUNT(*) + COUNT(*) FILTER (WHERE person.id = %(client)s)
                  FROM res_partner person
                 WHERE person.commercial_partner_id = %(client)s
                   AND (person.id != %(client)s OR NOT person.is_company)
                   AND person.active AND person.type = 'contact'
                   AND COALESCE(person.email, person.phone, '') != '') >= 2""",
            client=SQL.identifier(alias, "partner_id"),
        )

    @api.model
    def _sql_has_plan(self, alias):
        return SQL("%s IS NOT NULL", contacts.planned_sql(self, alias))

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
