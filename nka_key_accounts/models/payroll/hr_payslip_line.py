from odoo import api, models
from odoo.tools import SQL

from .frozen_payslip import LINE


class HrPayslipLine(models.Model):
    """A line is read in the language of its reader, whoever computed it."""

    _name = "hr.payslip.line"
    _inherit = ["hr.payslip.line", "nka.payslip.part.mixin"]

    _nka_slip_field = "slip_id"
    _company_fields = ("slip_id",)
    # The date is the payslip's, stored a moment after the payslip is confirmed.
    _nka_frozen_fields = (*LINE, "date_from")

    def _nka_name_in_all_languages(self):
        """Take over the rules' names in all their languages; one statement for all.

        A rule that words its line by itself keeps its words.
        """
        if not self or len(self.env["res.lang"].get_installed()) < 2:
            return
        self.flush_recordset(["name"])
        language = self.env.lang or "en_US"
        self.env.cr.execute(
            SQL(
                """UPDATE hr_payslip_line line SET name = rule.name
                     FROM hr_salary_rule rule
                    WHERE rule.id = line.salary_rule_id AND line.id IN %(ids)s
                      AND COALESCE(line.name->>%(lang)s, line.name->>'en_US')
                        = COALESCE(rule.name->>%(lang)s, rule.name->>'en_US')""",
                ids=tuple(self.ids),
                lang=language,
            )
        )
        self.invalidate_recordset(["name"])

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        """Sort without the contracts' dates where the reader may not see them.

        The engine sorts lines by contract, whose dates are for personnel officers;
        a payslip of ours has one contract.
        """
        if order == self._order and not self._nka_sees_contracts():
            order = "slip_id, sequence, id"
        return super()._search(domain, offset, limit, order, **kwargs)

    @api.model
    def _nka_sees_contracts(self):
        return self.env.su or self.env.user.has_group("hr.group_hr_user")
