from odoo import api, models


class AuditEvent(models.Model):
    _inherit = "nka.audit.event"

    # ------------------------------------------------------------ actions
    @api.model
    def action_verify(self):
        """Verify the audit trails of the current companies and open the results.

        The companies are passed rather than chain heads, so that a company whose head
        was deleted is verified too.

        :return: action that opens the verification, or a list of several
        :rtype: dict
        :raise AccessError: for users who can't read the audit trail
        """
        self.check_access("read")
        return self.env["nka.audit.verification"]._verify_and_open(self.env.companies)
