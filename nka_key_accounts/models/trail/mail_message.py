from odoo import models

from .confined import name_unsaved


class MailMessage(models.Model):
    """A message that isn't saved yet names only what its author may read."""

    _inherit = "mail.message"

    def _compute_record_name(self):
        named = name_unsaved(self, "model", "record_name")
        return super(MailMessage, self - named)._compute_record_name()
