from odoo import api, models

from ..proof.checked import Check
from ..proof.contents import in_batches, misnamed

#: State of an opening balance or a correction -> who brought it there, and when.
STEPS = {
    "nka.pay.opening": (
        ("submitted", "submitted_by_id", None),
        ("approved", "approved_by_id", "approved_date"),
    ),
    "nka.pay.correction": (("approved", "approved_by_id", "approved_date"),),
    "nka.pay.statement": (("approved", "approved_by_id", "approved_date"),),
}
APPROVED = ("approved",)


class AuditVerification(models.Model):
    """What is paid beside the month's own sales: approved by somebody, and unchanged."""

    _inherit = "nka.audit.verification"

    @api.model
    def _checks(self, company):
        return [
            *super()._checks(company),
            self._check_contents(
                company,
                self.env["nka.pay.opening"],
                APPROVED,
                STEPS["nka.pay.opening"],
                self.env._("Approved opening balances, against their hash"),
                self.env._("Opening balances"),
            ),
            self._check_contents(
                company,
                self.env["nka.pay.correction"],
                APPROVED,
                STEPS["nka.pay.correction"],
                self.env._("Approved adjustments, against their hash"),
                self.env._("Adjustments"),
            ),
            self._check_statements(company),
        ]

    @api.model
    def _check_statements(self, company):
        count, found = 0, []
        model = "nka.pay.statement"
        closed = ("state", "in", ("approved", "locked"))
        for batch in in_batches(self.env[model], company, closed):
            count += len(batch)
            found += misnamed(batch, STEPS[model])
        return Check(
            self.env._("Who approved statements and when, against the audit trail"),
            count,
            found,
            self.env._("Statements"),
        )
