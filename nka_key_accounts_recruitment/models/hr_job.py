from odoo import api, fields, models
from odoo.addons.nka_key_accounts.models.trail.roles import DIRECTOR

from .roles import INTERVIEWER

FORM = "nka_key_accounts_recruitment.survey_key_account_manager"


class HrJob(models.Model):
    _inherit = "hr.job"

    @api.onchange("nka_is_profile")
    def _onchange_nka_is_profile(self):
        """Suggest the interview form of this addon for further such positions."""
        form = self.env.ref(FORM, raise_if_not_found=False)
        if form and self.nka_is_profile and not self.survey_id:
            self.survey_id = form

    # ------------------------------------------------------------ claims
    # Odoo's matching score reads it with the rights of the reader, here a director.
    expected_degree = fields.Many2one(groups=f"{INTERVIEWER},{DIRECTOR}")

    def write(self, vals):
        if "interviewer_ids" not in vals:
            return super().write(vals)
        applicants = self.env["hr.applicant"].sudo().with_context(active_test=False)
        claims = applicants.search([("job_id", "in", self.ids)]).nka_claim_ids
        # Who interviewed before the change stays excluded from deciding, too.
        claims._keep_interviewers()
        result = super().write(vals)
        claims._keep_interviewers()
        return result

    def action_nka_compare(self):
        """Open the two applicants of this position with the highest matching scores.

        :raise UserError: if the position has fewer than two applicants
        """
        self.ensure_one()
        return self.env["nka.applicant.comparison"]._open_for_job(self)
