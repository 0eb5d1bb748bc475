from odoo import models

from ..accounts.asking import tell
from .refusals import closed


class ContributionRegisterReport(models.AbstractModel):
    """Report on contribution registers, without lines the user can't read.

    The engine reads lines by SQL. Lines the user can't read are excluded, and a message
    says how many are missing from the totals.
    """

    _inherit = "report.payroll.report_contributionregister"

    def _get_payslip_lines(self, register_ids, date_from, date_to):
        found = super(ContributionRegisterReport, self.sudo())._get_payslip_lines(
            register_ids, date_from, date_to
        )
        every = {number: lines.sudo(False) for number, lines in found.items()}
        seen = {
            number: lines._filtered_access("read") for number, lines in every.items()
        }
        left = sum(len(every[number]) - len(seen[number]) for number in seen)
        if left:
            text = self.env._("Lines missing from these totals: %s.", left)
            tell(self.env, f"{text} {closed(self.env)}")
        return seen
