from odoo import models
from odoo.tools import SQL, format_date


class HrPayslipNames(models.Model):
    """A payslip is named in the language of the company whose paper it is."""

    _inherit = "hr.payslip"

    def _compute_name(self):
        ours = self._nka_ours()
        result = super(HrPayslipNames, self - ours)._compute_name()
        for slip in ours:
            slip.name = slip._nka_in_company_language()._nka_say_name()
        return result

    def _nka_in_company_language(self):
        language = self.company_id.sudo().partner_id.lang
        return self.with_context(lang=language or self.env.lang)

    def _nka_say_name(self):
        return self.env._(
            "Payslip of %(person)s for %(month)s",
            person=self.employee_id.sudo().name,
            month=format_date(self.env, self.date_from, date_format="LLLL yyyy"),
        )


class HrPayslipLineNames(models.Model):
    """A line is read in the language of its reader, whoever computed it."""

    _inherit = "hr.payslip.line"

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
