from odoo import fields, models

#: What an administrator of key accounts sets for his company, in the order of the page.
SETTINGS = (
    "nka_cadence_days",
    "nka_credit_share",
    "nka_credit_days",
    "nka_health_fall",
    "nka_season_months",
    "nka_structure_id",
    "nka_payslip_direct",
    "nka_payslip_batch",
    "nka_mail_statements",
    "nka_mail_private",
    "nka_csv_delimiter",
    "nka_csv_bom",
    "nka_entry_journal_id",
    "nka_fixed_account_id",
    "nka_soft_account_id",
    "nka_bonus_account_id",
    "nka_carry_account_id",
    "nka_payable_account_id",
    "nka_amount_change",
    "nka_read_limit",
)


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_cadence_days = fields.Integer("Default contact cadence (days)", default=30)
    nka_credit_share = fields.Float(
        "Default share for earlier orders (%)", digits=(5, 2)
    )
    nka_credit_days = fields.Integer("Default days of the split")
    nka_health_fall = fields.Integer("Alarming fall of health", default=15)

    _nka_cadence_positive = models.Constraint(
        "CHECK(nka_cadence_days >= 1)",
        "Give the contact cadence in days, one or more.",
    )
    _nka_health_fall_positive = models.Constraint(
        "CHECK(nka_health_fall BETWEEN 1 AND 100)",
        "A fall of the health is told in points, from 1 to 100.",
    )
    _nka_credit_range = models.Constraint(
        "CHECK(nka_credit_share BETWEEN 0 AND 100 AND nka_credit_days >= 0)",
        "A share lies between 0 and 100 percent, and days can't be negative.",
    )

    # ============================================================ res_company
    # Every change of a setting is on record, by whichever page it was made.

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        names = [name for name in SETTINGS if name in vals]
        before = {company: company._nka_settings(names) for company in self if names}
        result = super().write(vals)
        for company, old in before.items():
            company._nka_record_settings(old)
        return result

    # ------------------------------------------------------------ business
    def _nka_settings(self, names):
        """Settings of this company as a person reads them."""
        company = self.sudo()
        return {
            name: company._fields[name].convert_to_export(company[name], company)
            for name in names
        }

    def _nka_record_settings(self, old):
        events = self.env["nka.audit.event"]
        new = self._nka_settings(old)
        events._append(
            [
                {
                    **events._prepare_entry(
                        self,
                        "setting",
                        old=old[name],
                        new=new[name],
                        note=self._fields[name]._description_string(self.env),
                    ),
                    "company_id": self.id,
                }
                for name in old
                if old[name] != new[name]
            ]
        )
