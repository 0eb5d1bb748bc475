from odoo import models

from .frozen_payslip import WORKED_DAYS


class HrPayslipWorkedDays(models.Model):
    _name = "hr.payslip.worked_days"
    _inherit = ["hr.payslip.worked_days", "nka.payslip.part.mixin"]

    _nka_frozen_fields = WORKED_DAYS
