from datetime import datetime

from odoo import api, fields, models
from odoo.tools import SQL

from ..facts import negotiations, sales


class AccountPlanObjective(models.Model):
    """Objective of an account plan, measured by the system where possible."""

    _name = "nka.account.plan.objective"
    _description = "Account plan objective"
    _inherit = ["nka.guard.mixin", "nka.account.item.mixin", "nka.read.mixin"]
    _order = "sequence, id"
    _guarded_fields = ("baseline", "actual_final", "is_final")
    _company_fields = ("plan_id",)
    _owner_field = "plan_id"

    plan_id = fields.Many2one(
        "nka.account.plan",
        "Account plan",
        required=True,
        index=True,
        ondelete="cascade",
    )
    sequence = fields.Integer(default=10)
    key_account_id = fields.Many2one(
        related="plan_id.key_account_id", store=True, index=True
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    year = fields.Integer(related="plan_id.year", store=True, aggregator=False)
    name = fields.Char("Objective", required=True)
    measure = fields.Selection(
        [
            ("revenue", "Revenue"),
            ("overdue", "Overdue receivables"),
            ("wallet_share", "Share of wallet (%)"),
            ("won_deals", "Deals won"),
            ("negotiations", "Negotiations held"),
            ("manual", "Entered manually"),
        ],
        "Measured by",
        required=True,
        default="revenue",
        help="Where the actual value comes from.",
    )
    is_less_better = fields.Boolean(
        "Lower is better", compute="_compute_is_less_better"
    )
    baseline = fields.Float(
        compute="_compute_baseline",
        store=True,
        copy=False,
        aggregator=False,
        help="Value of the previous year, or of the day the plan was created.",
    )
    target = fields.Float(aggregator=False)
    actual_manual = fields.Float(
        "Actual value, entered manually", copy=False, aggregator=False
    )
    actual = fields.Float(compute="_compute_actual", aggregator=False)
    # Value at the end of the year, stored once the year is over.
    actual_final = fields.Float(
        "Final value", readonly=True, copy=False, aggregator=False
    )
    is_final = fields.Boolean("Year has ended", readonly=True, copy=False)
    progress = fields.Integer("Progress (%)", compute="_compute_actual")
    note = fields.Char()

    # ------------------------------------------------------------ compute
    @api.depends("measure")
    def _compute_is_less_better(self):
        for goal in self:
            goal.is_less_better = goal.measure == "overdue"

    @api.depends("measure")
    def _compute_baseline(self):
        """Compute the starting value: of the year before for yearly totals, or of the
        day the measure was selected for others.
        """
        before = self._measure(years_back=1)
        for goal in self:
            goal.baseline = before[goal]

    @api.depends(
        "measure",
        "actual_manual",
        "target",
        "year",
        "key_account_id",
        "actual_final",
        "is_final",
    )
    def _compute_actual(self):
        running = self.filtered(lambda goal: not goal.is_final)
        measured = running._measure()
        for goal in self:
            if goal.is_final:
                goal.actual = goal.actual_final
            elif goal.measure == "manual":
                goal.actual = goal.actual_manual
            else:
                goal.actual = measured.get(goal, 0.0)
            goal.progress = goal._progress()

    def _progress(self):
        """Return the progress in percent of the target.

        If lower is better, it is 100 up to the target, and target / actual beyond it.

        :rtype: int
        """
        actual, target = self.actual, self.target
        if self.is_less_better:
            return 100 if actual <= target else round(100 * target / actual)
        if not target:
            return 0
        return max(round(100 * actual / target), 0)

    # ------------------------------------------------------------ constraints
    @api.constrains("plan_id", "name", "measure", "target")
    def _check_editable(self):
        """Refuse changes once the plan is submitted; manual values can be entered."""
        self.plan_id._check_editable()

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self.plan_id._check_editable()

    # ------------------------------------------------------------ measures
    def _measure(self, years_back=0):
        """Return the values of these objectives. One query per measure in use.

        :param int years_back: number of years before the year of the plan
        :rtype: dict[nka.account.plan.objective, float]
        """
        values = {}
        for measure, goals in self.grouped("measure").items():
            keys = {
                goal: (goal.key_account_id._origin.id, goal.year - years_back)
                for goal in goals
            }
            found = self._measure_accounts(measure, set(keys.values()))
            values |= {goal: found.get(key, 0.0) for goal, key in keys.items()}
        return values

    @api.model
    def _measure_accounts(self, measure, keys):
        """Return the values of a measure by account and year. One query.

        :param str measure: key of the measure
        :param set keys: pairs of an account's id and a year
        :rtype: dict[tuple[int, int], float]
        """
        keys = sorted(key for key in keys if all(key))
        if keys and measure == "negotiations":
            return self._count_negotiations(keys)
        expression = self._sql_measures().get(measure)
        if not keys or not expression:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT account.id, asked.year, (%s)::float8
                     FROM (VALUES %s) AS asked (id, year)
                     JOIN nka_key_account account ON account.id = asked.id""",
                expression,
                SQL(", ").join(SQL("(%s, %s)", *key) for key in keys),
            )
        )
        return {(account, year): value or 0.0 for account, year, value in rows}

    @api.model
    def _count_negotiations(self, keys):
        """Count the negotiations held with the clients, by account and year."""
        accounts = {account_id for account_id, _year in keys}
        years = [year for _account_id, year in keys]
        with_them = SQL(
            """event.id IN (SELECT rel.calendar_event_id
                              FROM nka_key_account account
                              JOIN res_partner party
                                ON party.commercial_partner_id = account.partner_id
                              JOIN calendar_event_res_partner_rel rel
                                ON rel.res_partner_id = party.id
                             WHERE account.id = ANY(%s))""",
            list(accounts),
        )
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT account_id, EXTRACT(YEAR FROM start)::int, COUNT(*)
                     FROM %s held WHERE account_id IS NOT NULL GROUP BY 1, 2""",
                negotiations.held_sql(
                    self.env,
                    with_them,
                    datetime(min(years), 1, 1),
                    datetime(max(years) + 1, 1, 1),
                ),
            )
        )
        return {(account, year): float(count) for account, year, count in rows}

    @api.model
    def _sql_measures(self):
        """Hook: return SQL by measure, over ``account`` and the requested
        ``asked.year``.

        Overdue receivables and the share of wallet are as of today, whatever the year.
        """
        accounts = self.env["nka.key.account"]
        return {
            "revenue": sales.revenue_sql(
                "account",
                SQL("MAKE_DATE(asked.year - 1, 12, 31)"),
                SQL("MAKE_DATE(asked.year, 12, 31)"),
            ),
            "overdue": accounts._sql_overdue_amount("account"),
            "wallet_share": accounts._sql_wallet_share("account"),
            "won_deals": SQL(
                """(SELECT COUNT(*) FROM crm_lead lead
                     WHERE lead.key_account_id = account.id AND lead.won_status = 'won'
                       AND EXTRACT(YEAR FROM lead.date_closed) = asked.year)"""
            ),
        }
