from odoo import models

from .confined import name_unsaved


class MailActivity(models.Model):
    """An activity that isn't saved yet names only what its maker may read."""

    _inherit = "mail.activity"

    def _compute_res_name(self):
        named = name_unsaved(self, "res_model", "res_name")
        return super(MailActivity, self - named)._compute_res_name()
