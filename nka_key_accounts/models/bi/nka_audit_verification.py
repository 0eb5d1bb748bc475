from odoo import api, models

from ..proof.checked import Check
from ..proof.contents import contradictions, in_batches

DECIDED = ("in_force", "withdrawn")


class AuditVerification(models.Model):
    """Verify what programs outside may read."""

    _inherit = "nka.audit.verification"

    @api.model
    def _checks(self, company):
        return [*super()._checks(company), self._check_bi_grants(company)]

    @api.model
    def _check_bi_grants(self, company):
        count, found = 0, []
        grants = self.env["nka.bi.grant"]
        for batch in in_batches(grants, company, ("state", "in", DECIDED)):
            compared, differing = contradictions(batch, DECIDED)
            count += compared
            found += differing
        return Check(
            self.env._("External accesses, against their hash"),
            count,
            found,
            self.env._("Accesses"),
        )
