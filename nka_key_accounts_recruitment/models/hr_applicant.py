from odoo import fields, models


class HrApplicant(models.Model):
    _inherit = "hr.applicant"

    nka_five_years = fields.Text(
        "Where do you see yourself in five years?",
        groups="hr_recruitment.group_hr_recruitment_user,nka_key_accounts.group_key_account_director",
    )
