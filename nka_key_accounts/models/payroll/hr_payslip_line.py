from odoo import api, models
from odoo.tools import SQL

from .frozen_payslip import LINE


class HrPayslipLine(models.Model):
    """Payslip line shown in the user's language, not in that of the computation."""

    _name = "hr.payslip.line"
    _inherit = ["hr.payslip.line", "nka.payslip.part.mixin"]

    _nka_slip_field = "slip_id"
    _company_fields = ("slip_id",)
    # ``date_from`` comes from the payslip and is written just after its confirmation,
    # so the database triggers don't cover it.
    _nka_frozen_fields = (*LINE, "date_from")

    def _nka_name_in_all_languages(self):
        """Copy the rules' names in all languages to the lines, with one query.

        Lines to which a rule gave its own text keep it.
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
        """Sort without contract dates if the user can't read them.

        The engine sorts lines by contract, whose dates only HR officers can read. A
        payslip of a statement has one contract, so the order is the same.
        """
        if order == self._order and not self._nka_sees_contracts():
            order = "slip_id, sequence, id"
        return super()._search(domain, offset, limit, order, **kwargs)

    @api.model
    def _nka_sees_contracts(self):
        return self.env.su or self.env.user.has_group("hr.group_hr_user")
