from odoo import api, models

STATES = ("submitted", "approved")
#: State of a qualification, field of the user who set it, and field of the date.
STEPS = (
    ("submitted", "submitter_id", None),
    ("approved", "reviewer_id", "date_approved"),
)


class AuditVerification(models.Model):
    """Verify qualifications: they are required for confirmations and stages."""

    _inherit = "nka.audit.verification"

    @api.model
    def _checks(self, company):
        return [
            *super()._checks(company),
            self._check_contents(
                company,
                self.env["nka.qualification"],
                STATES,
                STEPS,
                self.env._("Submitted and approved qualifications, against their hash"),
                self.env._("Qualifications"),
            ),
        ]
