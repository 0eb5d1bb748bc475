from odoo import models

from ..trail.opening import open_action


class AuditHead(models.Model):
    _inherit = "nka.audit.head"

    # ------------------------------------------------------------ actions
    def action_verify(self):
        """Verify the chains of these companies now, with all they speak of.

        :return: the action that opens the verification, or the list of them
        """
        self.check_access("read")
        return self.env["nka.audit.verification"]._verify_and_open(self.company_id)

    def action_open_seals(self):
        """Open the signed checkpoints of these chains."""
        domain = [("company_id", "in", self.company_id.ids)]
        return open_action(self.env, "nka_audit_seal_action", domain=domain)
