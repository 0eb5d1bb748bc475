from odoo import models


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _explain_refusal(self, operation):
        deals = self.sudo().filtered(lambda message: message.model == "crm.lead")
        return (
            self.env["crm.lead"]
            .browse(deals.mapped("res_id"))
            ._explain_refusal(operation)
        )

    def _make_access_error(self, operation):
        own = self._explain_refusal(operation)
        return own or super()._make_access_error(operation)
