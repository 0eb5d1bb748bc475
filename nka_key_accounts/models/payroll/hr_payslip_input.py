from odoo import models

from .frozen_payslip import INPUT


class HrPayslipInput(models.Model):
    _name = "hr.payslip.input"
    _inherit = ["hr.payslip.input", "nka.payslip.part.mixin"]

    _nka_frozen_fields = INPUT
