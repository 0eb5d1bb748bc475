from odoo import models

from .frozen_payslip import LINE


class HrPayslipLine(models.Model):
    _name = "hr.payslip.line"
    _inherit = ["hr.payslip.line", "nka.payslip.part.mixin"]

    _nka_slip_field = "slip_id"
    _nka_frozen_fields = LINE
