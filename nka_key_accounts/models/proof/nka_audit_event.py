from odoo import api, models


class AuditEvent(models.Model):
    _inherit = "nka.audit.event"

    # ------------------------------------------------------------ actions
    @api.model
    def action_verify(self):
        """Verify the chains of the companies the user works in, and all they speak of.

        Companies are asked for, not heads of chains: one whose head is gone is verified
        like any other.

        :return: the action that opens what was found
        """
        self.check_access("read")
        return self.env["nka.audit.verification"]._verify_and_open(self.env.companies)
