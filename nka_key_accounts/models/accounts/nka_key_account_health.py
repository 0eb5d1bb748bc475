"""How an account stands, 0 to 100, and what that is made of."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL

HEALTH_GOOD = 70
HEALTH_WATCH = 40
#: Silence of this many cadences makes the contact score 0.
SILENT_CADENCES = 3
#: Overdue receivables as a part of the yearly revenue that make their score 0.
OVERDUE_LIMIT = 0.25


class KeyAccountHealth(models.Model):
    _inherit = "nka.key.account"

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

    # ------------------------------------------------------------ compute
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

    # ------------------------------------------------------------ contributors
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

    # ------------------------------------------------------------ refreshing
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
        self.search([("state", "in", ("candidate", "key"))])._refresh_health()

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
