from odoo import models

from .report_payslip import printable


class PayslipDetailsReport(models.AbstractModel):
    _inherit = "report.payroll.report_payslipdetails"

    def _get_report_values(self, docids, data=None):
        values = super()._get_report_values(docids, data)
        return {**values, "docs": printable(values["docs"])}
