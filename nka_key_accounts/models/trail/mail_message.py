from odoo import models

from .confined import is_confined, name_for_reader


class MailMessage(models.Model):
    """A message that isn't saved yet names only what its author may read."""

    _inherit = "mail.message"

    def _compute_record_name(self):
        unsaved = self.filtered(
            lambda row: row.res_id and not row.id and is_confined(row.model)
        )
        for message in unsaved:
            record = self.env[message.model].browse(message.res_id)
            message.record_name = name_for_reader(record)
        return super(MailMessage, self - unsaved)._compute_record_name()
