from odoo import api, models

from ..proof.checked import Check
from ..proof.contents import contradictions, in_batches, misnamed

STATES = ("submitted", "approved")
#: State of a report -> who brought it there, and when.
STEPS = (
    ("submitted", None, "submitted_date"),
    ("approved", "approved_by_id", "approved_date"),
)


class AuditVerification(models.Model):
    _inherit = "nka.audit.verification"

    @api.model
    def _checks(self, company):
        return [*super()._checks(company), self._check_reports(company)]

    @api.model
    def _check_reports(self, company):
        """Reports that prove pay: what they say, count and name, by the trail."""
        count, found = 0, []
        reports = self.env["nka.work.report"]
        for batch in in_batches(reports, company, ("state", "in", STATES)):
            number, contradicting = contradictions(batch, STATES)
            count += number
            found += [*contradicting, *misnamed(batch, STEPS)]
        return Check(
            self.env._("Submitted and approved weekly reports, against their hash"),
            count,
            found,
        )
