from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import LazyTranslate

from ..pay.border import to_money

_lt = LazyTranslate(__name__)


class ManagerStartCost(models.Model):
    """What it cost that somebody became a manager, as entered by a supervisor.

    Pay isn't entered here: the report reads it from the locked statements.
    """

    _name = "nka.manager.start.cost"
    _description = "Cost of a new manager"
    _inherit = ["nka.guard.mixin"]
    _order = "date desc, id desc"
    _company_fields = ("start_id",)
    _audit_kinds = {"cost": _lt("Cost of a new manager")}
    _audit_readers = "record"

    start_id = fields.Many2one(
        "nka.manager.start",
        "New manager",
        required=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="start_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [
            ("agency", "Agency"),
            ("advertising", "Advertising"),
            ("training", "Training"),
            ("mentor", "Mentor's time"),
            ("other", "Other"),
        ],
        "Type",
        required=True,
        default="agency",
    )
    name = fields.Char("What for")
    date = fields.Date(
        required=True, default=lambda self: fields.Date.context_today(self)
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    amount = fields.Monetary(required=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )
    company_amount = fields.Monetary(
        "In company currency",
        compute="_compute_company_amount",
        store=True,
        currency_field="company_currency_id",
        help="At the rate of the day.",
    )

    _amount_positive = models.Constraint(
        "CHECK(amount > 0)", "Enter what was spent as a positive amount."
    )

    # ------------------------------------------------------------ compute
    @api.depends("kind", "name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for cost in self:
            cost.display_name = cost.name or kinds.get(cost.kind, "")

    @api.depends("amount", "currency_id", "date", "start_id.company_id")
    def _compute_company_amount(self):
        for cost in self:
            company = cost.start_id.company_id or self.env.company
            cost.company_amount = (cost.currency_id or company.currency_id)._convert(
                cost.amount,
                company.currency_id,
                company,
                cost.date or fields.Date.today(),
            )

    # ------------------------------------------------------------ constraints
    @api.constrains("date")
    def _check_date(self):
        today = fields.Date.context_today(self)
        if any(cost.date > today for cost in self):
            raise ValidationError(
                self.env._(
                    "Enter a cost once it was spent: its date can't be later than today."
                )
            )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        costs = super().create(vals_list)
        costs._record(new=True)
        return costs

    def write(self, vals):
        before = {cost: cost._describe() for cost in self}
        result = super().write(vals)
        self._record(before)
        return result

    def unlink(self):
        self._record({cost: cost._describe() for cost in self}, gone=True)
        return super().unlink()

    def _describe(self):
        cost = self.sudo()
        parts = (
            cost.start_id.employee_id.name,
            cost.kind,
            cost.name,
            fields.Date.to_string(cost.date),
            f"{to_money(cost.amount, cost.currency_id)} {cost.currency_id.name}",
        )
        return ", ".join(filter(None, parts))

    def _record(self, before=None, new=False, gone=False):
        self.env["nka.audit.event"]._record(
            self,
            "cost",
            old=None if new else before.get,
            new=None if gone else lambda cost: cost._describe(),
        )
