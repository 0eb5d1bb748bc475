"""Nobody speaks for somebody else about a key account."""

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError

from ..trail.roles import ROLES

#: Fields that say who wrote a message, when, how and about what.
SPEAKER_FIELDS = {
    "author_id",
    "author_guest_id",
    "email_from",
    "date",
    "create_date",
    "message_type",
    "model",
    "res_id",
}


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self._check_speaker(vals)
        if self._is_of_now(vals_list):
            now = fields.Datetime.now()
            vals_list = [{**vals, "date": now} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and not vals.keys().isdisjoint(SPEAKER_FIELDS):
            for message in self.sudo():
                places = {
                    (message.model, message.res_id),
                    (vals.get("model", message.model), vals.get("res_id")),
                }
                if any(message._is_about_key_account(*place) for place in places):
                    raise AccessError(self._speaker_message())
        return super().write(vals)

    @api.model
    def _is_of_now(self, vals_list):
        """Whether people of ours write this: their mails prove meetings, so they carry
        the time they were written, also where Odoo writes for them.
        """
        if self.env.uid == SUPERUSER_ID:
            return False
        asked = any(vals.get("date") for vals in vals_list)
        by_default = self.env.context.get("default_date")
        return (asked or by_default) and self.env.user.has_groups(",".join(ROLES))

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
