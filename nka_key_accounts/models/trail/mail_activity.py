from odoo import models

from .confined import is_confined, name_for_reader


class MailActivity(models.Model):
    """An activity that isn't saved yet names only what its maker may read."""

    _inherit = "mail.activity"

    def _compute_res_name(self):
        unsaved = self.filtered(
            lambda row: row.res_id and not row.id and is_confined(row.res_model)
        )
        for activity in unsaved:
            record = self.env[activity.res_model].browse(activity.res_id)
            activity.res_name = name_for_reader(record)
        return super(MailActivity, self - unsaved)._compute_res_name()
