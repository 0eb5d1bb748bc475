from odoo import fields, models

STRUCTURE = "nka_key_accounts.structure_40_10_50"


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_structure_id = fields.Many2one(
        "hr.payroll.structure",
        "Payslip structure",
        check_company=True,
        domain="[('company_id', '=', id)]",
        help=(
            "Salary structure that pays the statements. If your company has its own "
            "rules (taxes, deductions), choose a structure whose parent is 40/10/50."
        ),
        nka_setting=True,
    )
    nka_payslip_batch = fields.Integer(
        "Payslips per batch",
        default=100,
        help="Number of payslips generated per transaction in the background.",
        nka_setting=True,
    )
    nka_payslip_direct = fields.Integer(
        "Payslips generated immediately",
        default=200,
        help=(
            "Maximum number of payslips generated immediately. Larger batches run in "
            "the background."
        ),
        nka_setting=True,
    )

    _nka_payslip_batch_positive = models.Constraint(
        "CHECK(nka_payslip_batch > 0)", "Enter at least 1 payslip per batch."
    )
    _nka_payslip_direct_not_negative = models.Constraint(
        "CHECK(nka_payslip_direct >= 0)",
        "Enter 0 or more payslips.",
    )

    def _nka_structure(self):
        """Return the structure that pays this company's statements.

        It is created if missing.

        :rtype: hr.payroll.structure
        """
        self.ensure_one()
        company = self.sudo()
        if not company.nka_structure_id:
            company.nka_structure_id = company._nka_own_structure()
        return company.nka_structure_id

    def _nka_own_structure(self):
        """Return or create the company's 40/10/50 structure.

        A structure belongs to one company.
        """
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
