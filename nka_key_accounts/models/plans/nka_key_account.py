"""Account plan, whitespace and growth of an account: figures, actions, completeness."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..facts import sales
from ..trail.opening import open_list

#: Our share of the known spend in rows ``part``, in percent; 0 if nothing is known
#: about other suppliers.
SHARE_OF_SPEND = SQL(
    """CASE WHEN COALESCE(SUM(part.spend)
                     FILTER (WHERE part.supplier != 'us'), 0) > 0
            THEN ROUND(100 * COALESCE(SUM(part.spend)
                     FILTER (WHERE part.supplier = 'us'), 0)
                 / NULLIF(SUM(part.spend), 0), 1)
            ELSE 0 END"""
)


class KeyAccount(models.Model):
    _inherit = "nka.key.account"

    plan_ids = fields.One2many("nka.account.plan", "key_account_id", "Account plans")
    whitespace_line_ids = fields.One2many(
        "nka.whitespace.line", "key_account_id", "Whitespace"
    )
    wallet_share = fields.Float(
        "Share of wallet (%)",
        compute="_compute_figures",
        aggregator="avg",
        digits=(5, 1),
        help=(
            "Our share of the client's known yearly spend. 0 if nothing is known "
            "about other suppliers."
        ),
    )
    known_spend = fields.Monetary(
        "Known spend",
        compute="_compute_figures",
        aggregator="sum",
        help="The client's known yearly spend with us and with other suppliers.",
    )
    whitespace_amount = fields.Monetary(
        "Whitespace amount",
        compute="_compute_figures",
        aggregator="sum",
        help="The client's known yearly spend with other suppliers.",
    )
    growth_count = fields.Integer("Growth suggestions", compute="_compute_growth_count")
    plan_state = fields.Selection(
        [
            ("none", "No plan"),
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("approved", "Approved"),
        ],
        "Account plan",
        compute="_compute_plan_state",
        search="_search_plan_state",
    )

    # ------------------------------------------------------------ figures
    @api.model
    def _sql_spend(self, alias, selected):
        return SQL(
            """(SELECT %s FROM nka_whitespace_line part
                 WHERE part.key_account_id = %s)""",
            selected,
            SQL.identifier(alias, "id"),
        )

    @api.model
    def _sql_known_spend(self, alias):
        return self._sql_spend(alias, SQL("COALESCE(SUM(part.spend), 0)"))

    @api.model
    def _sql_wallet_share(self, alias):
        """Return SQL for our share of the known spend, in percent.

        0 if nothing is known about other suppliers: 100 % would be misleading.
        """
        return self._sql_spend(alias, SHARE_OF_SPEND)

    @api.model
    def _sql_whitespace_amount(self, alias):
        return self._sql_spend(
            alias,
            SQL("COALESCE(SUM(part.spend) FILTER (WHERE part.supplier != 'us'), 0)"),
        )

    def _compute_growth_count(self):
        counts = dict(
            self.env["nka.growth.suggestion"]._read_group(
                [("key_account_id", "in", self.ids)], ["key_account_id"], ["__count"]
            )
        )
        for account in self:
            account.growth_count = counts.get(account._origin, 0)

    # ------------------------------------------------------------ plan
    @api.depends("plan_ids.state", "plan_ids.year")
    @api.depends_context("tz")
    def _compute_plan_state(self):
        year = fields.Date.context_today(self).year
        plans = self.env["nka.account.plan"].search_fetch(
            [("key_account_id", "in", self.ids), ("year", "=", year)],
            ["key_account_id", "state"],
        )
        states = {plan.key_account_id.id: plan.state for plan in plans}
        for account in self:
            account.plan_state = states.get(account._origin.id, "none")

    @api.model
    def _search_plan_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        year = fields.Date.context_today(self).year
        of_year = fields.Domain("year", "=", year)
        states = [state for state in value if state and state != "none"]
        found = fields.Domain(
            "plan_ids", "any", of_year & fields.Domain("state", "in", states)
        )
        if "none" in value:
            found |= ~fields.Domain("plan_ids", "any", of_year)
        return found

    # ------------------------------------------------------------ completeness
    @api.model
    def _completeness_conditions(self, alias):
        return [
            *super()._completeness_conditions(alias),
            (
                "account_plan",
                self.env._("Approved account plan for this year"),
                self._sql_planned(alias),
            ),
        ]

    @api.model
    def _sql_planned(self, alias):
        return SQL(
            """EXISTS (SELECT 1 FROM nka_account_plan plan
                        WHERE plan.key_account_id = %s AND plan.state = 'approved'
                          AND plan.year = %s)""",
            SQL.identifier(alias, "id"),
            fields.Date.context_today(self).year,
        )

    # ------------------------------------------------------------ actions
    def action_open_plan(self):
        """Open the plan of this year, or a new one if there is none."""
        self.ensure_one()
        year = fields.Date.context_today(self).year
        plan = self.env["nka.account.plan"].search(
            [("key_account_id", "=", self.id), ("year", "=", year)]
        )
        return {
            **self._open_of_account(
                "nka_account_plan_action", self.env._("Account plans")
            ),
            "views": [(False, "form")],
            "view_mode": "form",
            "res_id": plan.id,
        }

    def action_open_whitespace(self):
        """Open the client's spend by category and supplier."""
        return self._open_of_account(
            "nka_whitespace_line_action", self.env._("Whitespace")
        )

    def action_open_growth(self):
        """Open the growth suggestions for this client."""
        return self._open_of_account(
            "nka_growth_suggestion_action", self.env._("Growth suggestions")
        )

    def _prepare_whitespace(self):
        """Return the lines to print, by category, with our own sales first.

        :rtype: nka.whitespace.line
        """
        return self.whitespace_line_ids.filtered(
            lambda line: line.spend or line.supplier != "us"
        ).sorted(
            lambda line: (line.categ_id.name or "", line.supplier != "us", -line.spend)
        )

    def _action_invoice_lines(self, category, day):
        """Open the clients' invoice lines of a category up to a day.

        They cover eighteen months, to include the last half-year and the same months a
        year before.

        :param category: product.category; empty for lines without one
        :param date day: the last day
        """
        words = category.name or self.env._("uncategorized products")
        return open_list(
            self.env,
            "account.move.line",
            sales.domain_lines(self, category, day - relativedelta(months=18), day),
            self.env._("Invoiced: %s", words),
            view_mode="list,pivot,graph",
            context={"create": False},
        )
