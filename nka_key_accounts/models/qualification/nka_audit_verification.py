from odoo import api, models

STATES = ("submitted", "approved")
#: State of a qualification -> who brought it there, and when.
STEPS = (
    ("submitted", "submitter_id", None),
    ("approved", "reviewer_id", "date_approved"),
)


class AuditVerification(models.Model):
    """Verdicts on clients: they make a key account and open stages."""

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
