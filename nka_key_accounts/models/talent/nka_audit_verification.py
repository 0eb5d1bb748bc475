from odoo import api, models

from .nka_job_offer import ISSUED

STEPS = (("issued", "issued_by_id", "date_issued"),)


class AuditVerification(models.Model):
    """Verify what was issued as a job offer."""

    _inherit = "nka.audit.verification"

    @api.model
    def _checks(self, company):
        return [
            *super()._checks(company),
            self._check_contents(
                company,
                self.env["nka.job.offer"],
                ISSUED,
                STEPS,
                self.env._("Issued job offers, against their hash"),
                self.env._("Job offers"),
            ),
        ]
