from odoo import api, fields, models

from ... import paycalc
from ..trail.frozen_rows import freeze_children
from .border import to_decimal


class PayPlanLine(models.Model):
    """A measure on a version's goal list, with its weight."""

    _name = "nka.pay.plan.line"
    _description = "Goal of a pay plan"
    _inherit = ["nka.guard.mixin"]
    _company_fields = ("version_id",)
    _order = "sequence, id"
    _check_company_auto = True

    version_id = fields.Many2one(
        "nka.pay.plan.version", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="version_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    kpi_id = fields.Many2one(
        "nka.kpi",
        "Measure",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    direction = fields.Selection(related="kpi_id.direction")
    weight = fields.Float("Weight (%)", digits=(5, 2), required=True)

    _kpi_unique = models.Constraint(
        "UNIQUE(version_id, kpi_id)", "A goal list names each measure once."
    )

    def init(self):
        freeze_children(
            self.env.cr,
            self._table,
            ["version_id", "kpi_id", "weight"],
            "nka_pay_plan_version",
            "version_id",
            ["approved"],
            since="date_start",
        )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        version_ids = {vals.get("version_id") for vals in vals_list} - {None}
        self.env["nka.pay.plan.version"].browse(version_ids)._check_editable()
        lines = super().create(vals_list)
        lines.version_id._add_maker()
        return lines

    def write(self, vals):
        versions = self.version_id | self.version_id.browse(vals.get("version_id"))
        self.check_access("write")
        versions._check_editable()
        result = super().write(vals)
        self.version_id._add_maker()
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self.version_id._check_editable()

    # ------------------------------------------------------------ terms
    def _goal_terms(self):
        """:rtype: paycalc.GoalTerms"""
        return paycalc.GoalTerms(
            self.kpi_id.code, to_decimal(self.weight), self.kpi_id.direction
        )

    def _describe(self):
        label = self.env._("Weight of %s", self.kpi_id.name)
        return f"goal:{self.kpi_id.code}", label, f"{self.weight:g} %"
