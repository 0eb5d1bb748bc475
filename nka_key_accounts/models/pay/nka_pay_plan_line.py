from odoo import fields, models

from ... import paycalc
from .border import to_decimal


class PayPlanLine(models.Model):
    """KPI on the goal list of a plan version, with its weight."""

    _name = "nka.pay.plan.line"
    _description = "Goal of a pay plan"
    _inherit = ["nka.pay.term.mixin"]
    _order = "sequence, id"
    _check_company_auto = True
    _frozen_columns = ("kpi_id", "weight")

    sequence = fields.Integer(default=10)
    kpi_id = fields.Many2one(
        "nka.kpi",
        "KPI",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    direction = fields.Selection(related="kpi_id.direction")
    weight = fields.Float("Weight (%)", digits=(5, 2), required=True)

    _kpi_unique = models.Constraint(
        "UNIQUE(version_id, kpi_id)", "Each KPI can appear only once in a goal list."
    )

    # ------------------------------------------------------------ business
    def _goal_terms(self):
        """Return the ``paycalc`` terms of the goal.

        :rtype: paycalc.GoalTerms
        """
        return paycalc.GoalTerms(
            self.kpi_id.code, to_decimal(self.weight), self.kpi_id.direction
        )

    def _describe(self):
        label = self.env._("Weight of %s", self.kpi_id.name)
        return f"goal:{self.kpi_id.code}", label, f"{self.weight:g} %"
