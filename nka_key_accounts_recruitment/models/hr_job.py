from odoo import api, models

FORM = "nka_key_accounts_recruitment.survey_key_account_manager"


class HrJob(models.Model):
    _inherit = "hr.job"

    @api.onchange("nka_is_profile")
    def _onchange_nka_is_profile(self):
        """Suggest the interview form of this addon for further such positions."""
        form = self.env.ref(FORM, raise_if_not_found=False)
        if form and self.nka_is_profile and not self.survey_id:
            self.survey_id = form
