"""Measures of an account plan that come from deals and meetings."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..facts import contacts, sales

#: What may change after the approval: how far a thing measured by hand has come.
PROGRESS_FIELDS = {"actual_manual", "note", "sequence"}


class AccountPlanObjective(models.Model):
    """One aim of an account plan: measured by the system where it can be."""

    _name = "nka.account.plan.objective"
    _description = "Objective of an account plan"
    _inherit = ["nka.guard.mixin"]
    _order = "sequence, id"
    _guarded_fields = ("baseline", "actual_final", "is_final")
    _company_fields = ("plan_id",)

    plan_id = fields.Many2one(
        "nka.account.plan", required=True, index=True, ondelete="cascade"
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
            ("wallet_share", "Wallet share (%)"),
            ("won_deals", "Deals won"),
            ("negotiations", "Negotiations held"),
            ("manual", "By hand"),
        ],
        required=True,
        default="revenue",
        help="Where the actual value comes from.",
    )
    is_less_better = fields.Boolean("Less is better", compute="_compute_is_less_better")
    baseline = fields.Float(
        "Before",
        readonly=True,
        copy=False,
        aggregator=False,
        help="The year before, or the day the plan was made.",
    )
    target = fields.Float(aggregator=False)
    actual_manual = fields.Float("Reached by hand", copy=False, aggregator=False)
    actual = fields.Float(compute="_compute_actual", aggregator=False)
    # A year that is over keeps the value it ended with.
    actual_final = fields.Float(
        "At the end of the year", readonly=True, copy=False, aggregator=False
    )
    is_final = fields.Boolean("Year is over", readonly=True, copy=False)
    progress = fields.Integer("Progress (%)", compute="_compute_actual")
    note = fields.Char()

    # nka_account_plan_market

    # ------------------------------------------------------------ compute
    @api.depends("measure")
    def _compute_is_less_better(self):
        for goal in self:
            goal.is_less_better = goal.measure == "overdue"

    @api.depends("measure", "actual_manual", "target", "year", "key_account_id")
    @api.depends("actual_final", "is_final")
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
        """Percent of the target; where less is better, how much of it isn't exceeded.

        :rtype: int
        """
        actual, target = self.actual, self.target
        if self.is_less_better:
            return 100 if actual <= target else round(100 * target / actual)
        if not target:
            return 0
        return max(round(100 * actual / target), 0)

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        goals = super().create(vals_list)
        goals.plan_id._check_editable()
        goals._take_baseline()
        return goals

    def write(self, vals):
        if not self._is_unlocked(vals) and not vals.keys() <= PROGRESS_FIELDS:
            self.check_access("write")
            self.plan_id._check_editable()
            self._check_plan_kept(vals)
        result = super().write(vals)
        if "measure" in vals:
            self._take_baseline()
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self.plan_id._check_editable()

    def _check_plan_kept(self, vals):
        """Rules look at a record before a write only, so lines never change plans."""
        if any(
            goal.plan_id.id != vals.get("plan_id", goal.plan_id.id) for goal in self
        ):
            raise UserError(
                self.env._("An objective stays in its plan. Add it to the other one.")
            )

    # ============================================================ nka_account_plan_facts
    # What the system knows for an account plan: measures, the year before, first drafts.

    def _measure(self):
        """Actual values of these objectives: one statement for each measure in use.

        :rtype: dict[nka.account.plan.objective, float]
        """
        values = {}
        for measure, goals in self.grouped("measure").items():
            keys = {goal._measure_key() for goal in goals}
            found = self._measure_accounts(measure, keys)
            values.update({goal: found.get(goal._measure_key(), 0.0) for goal in goals})
        return values

    def _measure_key(self):
        return (self.key_account_id._origin.id, self.year)

    @api.model
    def _measure_accounts(self, measure, keys):
        """Values of a measure by account and year: one statement.

        :param set keys: pairs of an account's id and a year
        :rtype: dict[tuple[int, int], float]
        """
        keys = sorted(key for key in keys if all(key))
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
    def _sql_measures(self):
        """Hook: measure -> expression over ``account`` and the asked ``year``.

        What is overdue and the wallet share are as of today.
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
            "negotiations": SQL(
                """(SELECT COUNT(*) FROM calendar_event event
                     WHERE event.id IN %(meetings)s
                       AND event.is_negotiation AND event.active
                       AND event.negotiation_outcome IS NOT NULL
                       AND event.negotiation_outcome != 'not_held'
                       AND event.stop <= %(now)s
                       AND event.start >= MAKE_DATE(asked.year, 1, 1)
                       AND event.start < MAKE_DATE(asked.year + 1, 1, 1))""",
                meetings=contacts.meeting_ids_sql("account"),
                now=fields.Datetime.now(),
            ),
        }

    def _take_baseline(self):
        """Note where the objectives start: the year before for what adds up in a year."""
        for measure, goals in self.grouped("measure").items():
            keys = {(goal.key_account_id.id, goal.year - 1) for goal in goals}
            found = self._measure_accounts(measure, keys)
            for goal in goals:
                value = found.get((goal.key_account_id.id, goal.year - 1), 0.0)
                goal._unlocked().write({"baseline": value})

    # ============================================================ nka_account_plan_market
    # Measures of an account plan that come from deals and meetings.
