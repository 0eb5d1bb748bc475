"""Nobody speaks for somebody else about a key account."""

from odoo import api, models
from odoo.exceptions import AccessError

#: Fields that say who wrote a message and when.
SPEAKER_FIELDS = {"author_id", "author_guest_id", "email_from", "date", "create_date"}


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self._check_speaker(vals)
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and not vals.keys().isdisjoint(SPEAKER_FIELDS):
            for message in self.sudo():
                if message._is_about_key_account(message.model, message.res_id):
                    raise AccessError(self._speaker_message())
        return super().write(vals)

    @api.model
    def _check_speaker(self, vals):
        """Refuse another author than the one who speaks; Odoo's own voice may be used."""
        context = self.env.context
        author_id = vals.get("author_id", context.get("default_author_id"))
        own = self.env.user.partner_id.id
        # From the registry's cache: ``ref`` would ask the database for each message.
        root = self.env["ir.model.data"]._xmlid_to_res_id("base.partner_root")
        if author_id in (None, False, own, root):
            return
        model = vals.get("model", context.get("default_model"))
        number = vals.get("res_id", context.get("default_res_id"))
        if self._is_about_key_account(model, number):
            raise AccessError(self._speaker_message())

    @api.model
    def _is_about_key_account(self, model, number):
        """Whether a message belongs to a record of a key account."""
        if not number or model not in self.env:
            return False
        record = self.env[model].sudo().browse(number)
        if hasattr(record, "_key_records"):
            return bool(record._key_records())
        return model.startswith("nka.")

    @api.model
    def _speaker_message(self):
        return self.env._(
            "Messages about key accounts carry the name of whoever wrote them, and "
            "the time they were written. Write in your own name; nothing was changed."
        )
