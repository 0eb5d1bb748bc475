from odoo import models


class HrJob(models.Model):
    _inherit = "hr.job"

    def write(self, vals):
        if "interviewer_ids" not in vals:
            return super().write(vals)
        claims = self.env["nka.applicant.claim"].sudo()
        claims = claims.search([("applicant_id.job_id", "in", self.ids)])
        claims._keep_interviewers()
        result = super().write(vals)
        claims._keep_interviewers()
        return result

    def action_nka_compare(self):
        """Open two applicants of this position beside each other."""
        self.ensure_one()
        return self.env["nka.applicant.comparison"]._open_for_job(self)
