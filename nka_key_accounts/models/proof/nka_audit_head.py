from odoo import models

from ..trail.opening import open_action


class AuditHead(models.Model):
    _inherit = "nka.audit.head"

    # ------------------------------------------------------------ actions
    def action_verify(self):
        """Verify the audit trails of these companies now and open the results.

        :return: action that opens the verification, or a list of several
        :rtype: dict
        :raise AccessError: for users who can't read the chain heads
        """
        self.check_access("read")
        return self.env["nka.audit.verification"]._verify_and_open(self.company_id)

    def action_open_seals(self):
        """Open the signed checkpoints of these chains."""
        domain = [("company_id", "in", self.company_id.ids)]
        return open_action(self.env, "nka_audit_seal_action", domain=domain)
