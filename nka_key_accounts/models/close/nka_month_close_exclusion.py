from odoo import fields, models


class MonthCloseExclusion(models.Model):
    """An employee left out of a month, with the reason."""

    _name = "nka.month.close.exclusion"
    _description = "Left out of a month"
    _inherit = ["nka.guard.mixin"]
    _order = "close_id desc, employee_id"
    _rec_name = "employee_id"

    close_id = fields.Many2one(
        "nka.month.close", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="close_id.company_id", store=True)
    employee_id = fields.Many2one("hr.employee", required=True, ondelete="restrict")
    reason = fields.Char(required=True)

    _once = models.Constraint(
        "UNIQUE(close_id, employee_id)", "This person is left out already."
    )
