from odoo import api, models

STATES = ("submitted", "approved")
#: For each state of a report: the fields with the user and the time.
STEPS = (
    ("submitted", None, "submitted_date"),
    ("approved", "approved_by_id", "approved_date"),
)


class AuditVerification(models.Model):
    _inherit = "nka.audit.verification"

    @api.model
    def _checks(self, company):
        return [
            *super()._checks(company),
            self._check_contents(
                company,
                self.env["nka.work.report"],
                STATES,
                STEPS,
                self.env._("Submitted and approved weekly reports, against their hash"),
                self.env._("Reports"),
            ),
        ]
