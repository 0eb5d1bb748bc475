from odoo import fields, models

STRUCTURE = "nka_key_accounts.structure_40_10_50"


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_structure_id = fields.Many2one(
        "hr.payroll.structure",
        "Structure of payslips",
        check_company=True,
        domain="[('company_id', '=', id)]",
        help="Pays the statements. A company with rules of its own (taxes, deductions) "
        "takes a structure whose parent is 40/10/50.",
        nka_setting=True,
    )
    nka_payslip_batch = fields.Integer(
        "Payslips at a time",
        default=100,
        help="So many payslips are made in one transaction in the background.",
        nka_setting=True,
    )
    nka_payslip_direct = fields.Integer(
        "Payslips made at once",
        default=200,
        help="Up to so many payslips are made while the officer waits; more are made "
        "in the background.",
        nka_setting=True,
    )

    _nka_payslip_batch_positive = models.Constraint(
        "CHECK(nka_payslip_batch > 0)", "Make at least one payslip at a time."
    )
    _nka_payslip_direct_not_negative = models.Constraint(
        "CHECK(nka_payslip_direct >= 0)",
        "Enter zero or more payslips to be made at once.",
    )

    def _nka_structure(self):
        """The structure that pays this company's statements, made when missing.

        :rtype: hr.payroll.structure
        """
        self.ensure_one()
        company = self.sudo()
        if not company.nka_structure_id:
            company.nka_structure_id = company._nka_own_structure()
        return company.nka_structure_id

    def _nka_own_structure(self):
        """One of 40/10/50 in this company; a structure belongs to one company."""
        shipped = self.env.ref(STRUCTURE).sudo()
        if shipped.company_id == self:
            return shipped
        structures = shipped.env["hr.payroll.structure"]
        ours = [
            ("company_id", "=", self.id),
            ("id", "in", list(structures._nka_ids())),
        ]
        return structures.search(ours, limit=1) or structures.create(
            {
                "name": shipped.name,
                "code": shipped.code,
                "company_id": self.id,
                "parent_id": False,
                "rule_ids": [(6, 0, shipped.rule_ids.ids)],
            }
        )
