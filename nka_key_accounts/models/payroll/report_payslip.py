from odoo import models

from ..trail.roles import PAYROLL_OFFICER


def printable(slips):
    """Return payslips for a print: those of statements as superuser for our officers.

    The engine prints private data of employees, such as the bank account, which only HR
    can read. Our officers generate these payslips, so they print them whole.

    :param slips: hr.payslip
    :raise AccessError: if the user can't read the payslips
    """
    if slips.env.user.has_group(PAYROLL_OFFICER):
        slips.check_access("read")
        if all(slip.is_nka for slip in slips):
            return slips.sudo()
    return slips


class PayslipReport(models.AbstractModel):
    """The engine's print of payslips, which has no values of its own."""

    _name = "report.payroll.report_payslip"
    _description = "Payslip print"

    def _get_report_values(self, docids, data=None):
        slips = self.env["hr.payslip"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": slips._name,
            "data": data,
            "docs": printable(slips),
        }
