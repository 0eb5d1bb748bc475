from markupsafe import escape

from odoo import Command, api, fields, models
from odoo.tools import formatLang

from ... import paycalc
from ..trail.confined import check_reader
from ..trail.opening import open_records
from . import leaving_texts
from .border import explain_refusal, to_decimal, to_money


class PayWhatIf(models.TransientModel):
    """What-if calculator: pay at several levels of quota and goal attainment."""

    _name = "nka.pay.what.if"
    _inherit = ["nka.known.mixin"]
    _description = "What-if calculator"

    agreement_id = fields.Many2one("nka.pay.agreement", readonly=True)
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    version_id = fields.Many2one(
        "nka.pay.plan.version",
        "Plan version",
        required=True,
        check_company=True,
        default=lambda self: self._default_version_id(),
    )
    unpaid_leave = fields.Selection(related="version_id.unpaid_leave")
    target_earnings = fields.Monetary("Target earnings", required=True, default=200000)
    monthly_quota = fields.Monetary("Monthly quota", required=True, default=2000000)
    draw = fields.Monetary()
    recovery_rate = fields.Float("Recovery rate", digits=(5, 4), default=1.0)
    leaving_note = fields.Char("After the end", compute="_compute_leaving_note")
    held_note = fields.Text("Held bonus", compute="_compute_leaving_note")
    loyalty_share = fields.Float(related="version_id.loyalty_share")
    # Stored, but not computed as superuser: users see only terms they can read.
    line_ids = fields.One2many(
        "nka.pay.what.if.line",
        "what_if_id",
        compute="_compute_lines",
        store=True,
        compute_sudo=False,
    )
    table_html = fields.Html(
        "All combinations",
        compute="_compute_lines",
        store=True,
        compute_sudo=False,
        sanitize=False,
    )
    chart_html = fields.Html(
        "Chart",
        compute="_compute_lines",
        store=True,
        compute_sudo=False,
        sanitize=False,
    )

    @api.model
    def _default_version_id(self):
        """Return the newest approved version, or the newest draft if there is none."""
        versions = self.env["nka.pay.plan.version"].search(
            [("company_id", "=", self.env.company.id)]
        )
        approved = versions.filtered(lambda version: version.state == "approved")
        return (approved or versions)[:1]

    # ------------------------------------------------------------ compute
    @api.depends("version_id")
    @api.depends_context("lang")
    def _compute_leaving_note(self):
        for what_if in self:
            version = what_if.version_id
            what_if.leaving_note = bool(version) and version._say_after_leaving()
            what_if.held_note = bool(version) and leaving_texts.held_bonus(version)

    @api.depends(
        "version_id", "target_earnings", "monthly_quota", "draw", "recovery_rate"
    )
    def _compute_lines(self):
        for what_if in self:
            lines, chart, table = [], False, False
            try:
                if what_if.version_id:
                    lines, chart, table = what_if._calculate()
            except paycalc.PayError as error:
                table = escape(explain_refusal(self.env, error))
            what_if.line_ids = [Command.clear(), *map(Command.create, lines)]
            what_if.chart_html, what_if.table_html = chart, table

    # ------------------------------------------------------------ checks
    @api.constrains("agreement_id", "version_id")
    def _check_readable(self):
        """Refuse agreements and plan versions that the user can't read."""
        check_reader(self.agreement_id)
        check_reader(self.version_id)

    # ------------------------------------------------------------ business
    @api.model
    def _action_for(self, agreement):
        """Open the calculator with the terms of an agreement."""
        version = agreement.version_id or agreement.plan_id.version_ids[:1]
        what_if = self.create(
            {
                "agreement_id": agreement.id,
                "company_id": agreement.company_id.id,
                "version_id": version.id,
                "target_earnings": agreement.target_earnings,
                "monthly_quota": agreement.monthly_quota,
                "draw": agreement.draw,
                "recovery_rate": agreement.recovery_rate,
            }
        )
        return open_records(what_if, self.env._("What-if calculator"), target="new")

    def _terms(self):
        currency = self.currency_id
        return self.version_id._plan_terms(), paycalc.AgreementTerms(
            to_money(self.target_earnings, currency),
            to_money(self.monthly_quota, currency),
            draw=to_money(self.draw, currency),
            recovery_rate=to_decimal(self.recovery_rate, 4),
            digits=currency.decimal_places,
        )

    def _calculate(self):
        """Return the values of the lines, the chart and the table.

        There is one line per level; quota and goals are attained to the same level.

        :raise paycalc.PayError: if the terms are invalid
        """
        terms = self._terms()
        levels = paycalc.what_if_table(*terms)
        return (
            [self._prepare_line(level) for level in levels],
            self._render("chart", bars=self._bars(levels)),
            self._render("table", rows=self._rows(*terms), levels=paycalc.LEVELS),
        )

    @api.model
    def _prepare_line(self, level):
        return {
            "level": float(level.quota_level),
            "fixed_amount": float(level.fixed),
            "soft_amount": float(level.soft),
            "bonus_amount": float(level.bonus),
            "loyalty_amount": float(level.held),
            "total_amount": float(level.amount),
            "balance": float(level.balance),
        }

    def _rows(self, plan, agreement):
        """Return average monthly pay by quota level (rows) and goal level (columns)."""

        def shown(quota, goals):
            amount = paycalc.what_if(plan, agreement, quota, goals).amount
            return self.currency_id.format(float(amount))

        return [
            (quota, [shown(quota, goals) for goals in paycalc.LEVELS])
            for quota in paycalc.LEVELS
        ]

    def _bars(self, levels):
        """Return the bars of the chart: one per level, stacked by component."""
        tallest = max(float(level.amount) for level in levels) or 1.0
        return [
            {
                "level": f"{level.quota_level:g} %",
                "total": formatLang(self.env, float(level.amount), 0),
                "parts": [
                    (name, 100 * float(getattr(level, name)) / tallest)
                    for name in ("fixed", "soft", "bonus")
                ],
            }
            for level in levels
        ]

    def _render(self, name, **values):
        return self.env["ir.qweb"]._render(
            f"nka_key_accounts.pay_what_if_{name}", values
        )
