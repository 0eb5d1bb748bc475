import re
from decimal import Decimal, InvalidOperation

from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from ... import paycalc
from ..trail.opening import open_list
from . import texts

DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")


class PayStatementLine(models.Model):
    """One amount of a statement, with the values it was calculated from."""

    _name = "nka.pay.statement.line"
    _description = "Compensation statement line"
    _log_access = False
    _order = "statement_id, sequence, id"

    statement_id = fields.Many2one(
        "nka.pay.statement", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="statement_id.company_id")
    currency_id = fields.Many2one(related="statement_id.currency_id")
    user_id = fields.Many2one(related="statement_id.user_id")
    sequence = fields.Integer(readonly=True)
    kind = fields.Selection(
        [
            ("fixed", "Fixed pay"),
            ("unpaid", "Unpaid leave"),
            ("uncounted", "Time off that doesn't count"),
            ("soft", "Goal pay"),
            ("goal", "Goal"),
            ("bonus", "Bonus"),
            ("credit_held", "Held credits"),
            ("credit_released", "Released credits"),
            ("loyalty", "Loyalty share"),
            ("lapsed", "Lapsed loyalty share"),
            ("release", "Released held pay"),
            ("clawback", "Clawback"),
            ("correction", "Adjustment"),
            ("vesting", "Vested loyalty share"),
            ("carry", "Draw and recovery"),
        ],
        required=True,
        readonly=True,
    )
    component = fields.Selection(
        [("fixed", "Fixed pay"), ("soft", "Goal pay"), ("bonus", "Bonus")],
        "Pay component",
        required=True,
        readonly=True,
    )
    amount = fields.Monetary(readonly=True)
    is_shown_only = fields.Boolean(
        "For information only",
        readonly=True,
        help="For information only; not part of the total.",
    )
    source_month = fields.Date(
        "Closed month", readonly=True, help="The closed month this line settles."
    )
    # Codes and numbers as calculated; the texts are computed in the user's language.
    explanation = fields.Json(readonly=True)
    # Text instead of Char, because list views wrap Text and truncate Char.
    label = fields.Text(compute="_compute_texts")
    input = fields.Text(compute="_compute_texts")
    formula = fields.Text("Calculation", compute="_compute_texts")
    reason = fields.Text("Why it is zero", compute="_compute_texts")
    is_uncredited = fields.Boolean(
        "Has uncredited client payments", compute="_compute_texts"
    )
    res_model = fields.Char("Source model", readonly=True)
    res_ids = fields.Json("Source records", readonly=True)
    source_count = fields.Integer("Sources", compute="_compute_source_count")

    # ------------------------------------------------------------ compute
    @api.depends("explanation", "kind", "source_month")
    @api.depends_context("lang")
    def _compute_texts(self):
        for line in self:
            explained = line.explanation or {}
            values = line._shown_values(explained)
            line.label = line._prepare_label(explained)
            line.input = "; ".join(
                f"{texts.label(self.env, name)}: {values[name]}"
                for name, _value in explained.get("inputs", [])
                if name != "goal"
            )
            line.formula = texts.formula(self.env, explained.get("code"), values)
            line.reason = line._reason_text(explained)
            line.is_uncredited = bool(explained.get("uncredited"))

    @api.depends("res_ids")
    def _compute_source_count(self):
        for line in self:
            line.source_count = len(line.res_ids or ())

    def _reason_text(self, explained):
        """Return why an amount is zero; if money was received, how much and why
        it didn't count.
        """
        code, lost = explained.get("reason"), explained.get("uncredited")
        told = texts.uncredited(self.env, lost, self.currency_id)
        if told and code == "no_credits":
            return told
        return " ".join(filter(None, (texts.reason(self.env, code), told)))

    def _prepare_label(self, explained):
        label = self._goal_name(explained) or dict(
            self._fields["kind"]._description_selection(self.env)
        ).get(self.kind)
        if self.source_month:
            return self.env._(
                "%(label)s, %(month)s", label=label, month=f"{self.source_month:%m.%Y}"
            )
        return label

    def _goal_name(self, explained):
        """Return the goal's name in the user's language, or its former name."""
        kpi = self.env["nka.kpi"].sudo().browse(explained.get("kpi_id")).exists()
        return kpi.name or explained.get("goal")

    def _shown_values(self, explained):
        """Return every number of the formula as text in the user's format."""
        values = dict(explained.get("inputs", []))
        values.update(explained.get("values", {}))
        if bound := explained.get("bound"):
            values["note"] = texts.bound(self.env, bound)
        return {name: self._show(name, value) for name, value in values.items()}

    def _show(self, name, value):
        unit = self._unit_of(name)
        if value is None:
            return "–"
        try:
            number = Decimal(value)
        except InvalidOperation:
            return self._show_days(value)
        if unit == "money":
            return formatLang(self.env, float(number), self.currency_id.decimal_places)
        digits = min(6, max(0, -number.normalize().as_tuple().exponent))
        return formatLang(self.env, float(number), digits)

    def _show_days(self, text):
        """Return the text with ISO dates replaced by dates in the user's format."""
        return DAY.sub(lambda day: format_date(self.env, day.group()), text)

    @api.model
    def _unit_of(self, name):
        """Return the unit of a number in a formula; days aren't rounded to cents."""
        if name in paycalc.LABELS:
            return paycalc.LABELS[name].unit
        return "days" if name.endswith("_days") else "money"

    # ------------------------------------------------------------ actions
    def action_open_sources(self):
        """Open the records behind this amount, with the user's own access rights.

        Users who can't read what a goal counted (a payroll officer has no access to
        leads, and a manager none to invoices of a client handed over) get the goal with
        its figures.

        :return: window action
        """
        self.ensure_one()
        self.check_access("read")
        model, ids = self._readable_sources()
        return open_list(
            self.env,
            model,
            [("id", "in", ids)],
            self.label,
            context={"create": False, "active_test": False},
        )

    def action_open_uncredited(self):
        """Open the results for the money of the person's clients in the month.

        :return: window action
        :raise UserError: if the user is neither the person nor a payroll officer
        """
        self.ensure_one()
        return self.statement_id.action_open_money()

    def _readable_sources(self):
        """Return model and ids to open.

        :rtype: tuple[str, list[int]]
        """
        goal_id = (self.explanation or {}).get("goal_id")
        ids = self.res_ids or []
        sources = self.env[self.res_model].with_context(active_test=False)
        if goal_id and not (
            sources.has_access("read") and sources.search_count([("id", "in", ids)])
        ):
            return "nka.season.goal", [goal_id]
        return self.res_model, ids

    def action_dispute(self):
        """Open the form to dispute this line.

        :return: window action
        """
        self.ensure_one()
        return self.statement_id._action_dispute(
            {
                "line_label": self.label,
                "line_kind": self.kind,
                "line_amount": self.amount,
            }
        )
