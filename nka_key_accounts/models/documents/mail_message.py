from odoo import api, models


class MailMessage(models.Model):
    """Log submitted files that are attached to a message on another record."""

    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        for message, vals in zip(messages, vals_list, strict=True):
            if vals.get("attachment_ids"):
                message._record_files_told()
        return messages

    def write(self, vals):
        result = super().write(vals)
        if vals.get("attachment_ids"):
            for message in self:
                message._record_files_told()
        return result

    def _record_files_told(self):
        """Log submitted files that this message makes readable to other users."""
        message = self.sudo()
        if message.message_type == "email_outgoing":
            return
        place = (message.model or False, message.res_id or 0)
        strange = message.attachment_ids.filtered(
            lambda file: (file.res_model, file.res_id) != place
        )
        if strange:
            name = message.record_name if all(place) else self.env._("no linked record")
            strange._record_told(name or f"{message.model},{message.res_id}")
