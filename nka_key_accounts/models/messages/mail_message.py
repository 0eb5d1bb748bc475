"""Prevent users from posting on key account records under another author or date."""

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import OrderedSet, email_normalize

from ..trail.confined import is_confined
from ..trail.roles import ROLES
from .leaving import is_leaving

#: Fields with author, date, type and record of a message.
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

#: Fields that make a message evidence of who is in touch with a client.
EVIDENCE_FIELDS = {*SPEAKER_FIELDS, "partner_ids", "mail_activity_type_id"}

#: Fields with the content of a message.
TEXT_FIELDS = {"body", "attachment_ids"}


class MailMessage(models.Model):
    _inherit = "mail.message"

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self._check_speaker(vals)
        return super().create(self._dated_now(vals_list))

    def write(self, vals):
        if not self.env.su and not vals.keys().isdisjoint(SPEAKER_FIELDS):
            if self._speaks_as_client(vals.get("author_id")):
                raise AccessError(self._speaker_message())
            for message in self.sudo():
                places = {
                    (message.model, message.res_id),
                    (vals.get("model", message.model), vals.get("res_id")),
                }
                if any(message._is_about_key_account(*place) for place in places):
                    raise AccessError(self._speaker_message())
        if not self.env.su and not vals.keys().isdisjoint(EVIDENCE_FIELDS):
            self._check_evidence_stays(vals)
        if not vals.keys().isdisjoint(TEXT_FIELDS):
            self._check_text_stays()
        return super().write(vals)

    def unlink(self):
        """Check here, because a context key can skip ``@api.ondelete`` methods."""
        self._check_text_stays()
        self._check_sent_stays()
        return super().unlink()

    # ------------------------------------------------------------ speaking
    @api.model
    def _dated_now(self, vals_list):
        """Return the values with the current date for messages that users write.

        Emails are evidence of meetings, so they carry the time at which they were
        written, even if Odoo creates them as superuser for the user. System
        administrators without a role can import older emails.

        :rtype: list[dict]
        """
        if self.env.uid == SUPERUSER_ID:
            return vals_list
        asked = any(vals.get("date") for vals in vals_list)
        if not asked and not self.env.context.get("default_date"):
            return vals_list
        user, now = self.env.user, fields.Datetime.now()
        if user.has_groups(",".join(ROLES)):
            return [{**vals, "date": now} for vals in vals_list]
        if user.has_group("base.group_system"):
            return vals_list
        places = [self._place(vals) for vals in vals_list]
        about = self._places_about_key_accounts(places)
        return [
            {**vals, "date": now} if place in about else vals
            for place, vals in zip(places, vals_list, strict=True)
        ]

    @api.model
    def _check_speaker(self, vals):
        """Refuse an author or sender other than the current user, for key accounts.

        OdooBot and shared company addresses are allowed.

        :param dict vals: values of a new message
        :raise AccessError: for another author or sender
        """
        context = self.env.context
        author_id = vals.get("author_id", context.get("default_author_id"))
        sender = vals.get("email_from", context.get("default_email_from"))
        guest_id = vals.get("author_guest_id", context.get("default_author_guest_id"))
        if not guest_id and self._is_own_voice(author_id, sender):
            return
        about = self._is_about_key_account(*self._place(vals))
        if about or self._speaks_as_client(author_id):
            raise AccessError(self._speaker_message())

    @api.model
    def _speaks_as_client(self, author_id):
        """Return whether the author is a key account contact the user can't post as.

        On any record, such a message would be evidence of whom the client knows. System
        administrators without a role can post it, because mail gateways use their
        login.
        """
        user = self.env.user
        if not author_id or author_id == user.partner_id.id:
            return False
        author = self.env["res.partner"].sudo().browse(author_id)
        if not author._about_key_accounts():
            return False
        return user.has_groups(",".join(ROLES)) or not user.has_group(
            "base.group_system"
        )

    @api.model
    def _is_own_voice(self, author_id, sender):
        """Return whether author and sender are the current user's, OdooBot's or shared.

        :param author_id: id of a contact, or a false value
        :param sender: email address with or without a name, or a false value
        :rtype: bool
        """
        own = self.env.user.partner_id
        # Looked up in the registry cache; ``ref`` would query the database per message.
        root_id = self.env["ir.model.data"]._xmlid_to_res_id("base.partner_root")
        if author_id not in (None, False, own.id, root_id):
            return False
        address = email_normalize(sender)
        if not address or address == email_normalize(own.email):
            return True
        companies = self.env.user.sudo().company_ids
        domains = companies.alias_domain_id
        shared = {
            email_normalize(each)
            for each in (
                *companies.mapped("email"),
                *domains.mapped("default_from_email"),
                *domains.mapped("catchall_email"),
                self.env["res.partner"].sudo().browse(root_id).email,
            )
        }
        return address in shared

    @api.model
    def _own_voice(self):
        """Return author and sender for messages of the current user.

        :rtype: dict
        """
        user = self.env.user
        sender = user.email_formatted or user.company_id.sudo().email_formatted
        return {"author_id": user.partner_id.id, "email_from": sender}

    @api.model
    def _place(self, vals):
        """Return model and id of the record that a new message is about."""
        context = self.env.context
        return (
            vals.get("model", context.get("default_model")),
            vals.get("res_id", context.get("default_res_id")),
        )

    @api.model
    def _is_about_key_account(self, model, number):
        """Return whether a message belongs to a key account record."""
        return bool(self._places_about_key_accounts([(model, number)]))

    @api.model
    def _places_about_key_accounts(self, places):
        """Return the places that are key account records, with one query per model.

        :param places: pairs of a model name and an id; both can be false values
        :rtype: set[tuple]
        """
        ids = {}
        for model, number in places:
            if number and model in self.env:
                ids.setdefault(model, []).append(number)
        found = set()
        for model, numbers in ids.items():
            records = self.env[model].sudo().browse(OrderedSet(numbers))
            if hasattr(records, "_about_key_accounts"):
                records = records._about_key_accounts()
            elif hasattr(records, "_key_records"):
                records = records._key_records()
            elif not is_confined(model):
                continue
            found.update((model, number) for number in records.ids)
        return found

    @api.model
    def _speaker_message(self):
        return self.env._(
            "A message about a key account must carry your own name and the current "
            "time. Remove the other author or date."
        )

    # ------------------------------------------------------------ evidence
    def _check_evidence_stays(self, vals):
        """Refuse to turn messages into evidence of contact, or of earlier contact.

        They count wherever they are posted: a client's contact wrote or received them.
        The people mentioned in an own comment prove nothing.

        :raise AccessError: for such a change
        """
        changed = EVIDENCE_FIELDS & vals.keys()
        for message in self.sudo():
            if changed == {"partner_ids"} and message._is_own_comment():
                continue
            parties = message.author_id | message.notification_ids.res_partner_id
            if parties._about_key_accounts() or message._is_about_key_account(
                message.model, message.res_id
            ):
                raise AccessError(self._speaker_message())

    def _check_sent_stays(self):
        """Refuse to delete messages that were sent to a client by email.

        :raise AccessError: for such a deletion
        """
        if self.env.uid == SUPERUSER_ID:
            return
        for message in self.sudo().filtered(lambda message: not is_leaving(message)):
            sent = message.notification_ids.filtered(
                lambda row: (
                    row.notification_type == "email"
                    and row.notification_status in ("sent", "process", "pending")
                )
            )
            if sent.res_partner_id._about_key_accounts():
                raise AccessError(
                    self.env._(
                        "This message was sent to a contact of a key account, so it "
                        "stays on record. Add another message to correct it."
                    )
                )

    # ------------------------------------------------------------ content
    def _check_text_stays(self):
        """Refuse changes to messages about key account records.

        Only their author can change them, and no one once the record has been submitted
        or decided on. Odoo edits and deletes messages as superuser for users who can
        write the record, so the check depends on the acting user, not on superuser
        mode.

        :raise AccessError: for such a change
        """
        if self.env.uid == SUPERUSER_ID:
            return
        for message in self.sudo().filtered(lambda message: not is_leaving(message)):
            if message.message_type == "user_notification":
                continue
            if not message._is_about_key_account(message.model, message.res_id):
                continue
            if not message._is_own_comment():
                raise AccessError(
                    self.env._(
                        "Messages of other people about a key account, and system "
                        "notes, can't be changed. Add a message of your own."
                    )
                )
            if message._is_under_review():
                raise AccessError(
                    self.env._(
                        "Messages about “%s” can't be changed after it has been "
                        "submitted. Add another message.",
                        self.env[message.model].browse(message.res_id).display_name,
                    )
                )

    def _is_own_comment(self):
        return (
            self.message_type == "comment"
            and self.author_id == self.env.user.partner_id
        )

    def _is_under_review(self):
        """Return whether the record has been submitted or decided on."""
        record = self.env[self.model].sudo().browse(self.res_id).exists()
        if not record or not isinstance(record, self.env.registry["nka.review.mixin"]):
            return False
        return record.state not in {*record._submitted_from, record._returned_to}
