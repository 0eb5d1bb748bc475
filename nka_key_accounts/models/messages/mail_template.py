"""Emails from templates about key accounts are sent under the user's own name."""

from functools import partial

from odoo import models
from odoo.exceptions import AccessError

#: Email values that change its author, date, type or record.
GIVEN_FIELDS = {
    "author_id",
    "author_guest_id",
    "email_from",
    "date",
    "create_date",
    "message_type",
    "mail_message_id",
    "model",
    "res_id",
}


class MailTemplate(models.Model):
    """Check the sender of emails from templates, which Odoo creates as superuser."""

    _inherit = "mail.template"

    def send_mail_batch(
        self,
        res_ids,
        force_send=False,
        raise_exception=False,
        email_values=None,
        email_layout_xmlid=False,
    ):
        """Send emails; those about key accounts get the current user as sender.

        The sender of the template can be another person, such as the client's
        salesperson.

        :raise AccessError: when the caller passes another author, date or type for them
        """
        send = partial(
            super().send_mail_batch,
            force_send=force_send,
            raise_exception=raise_exception,
            email_layout_xmlid=email_layout_xmlid,
        )
        if self.env.su:
            return send(res_ids, email_values=email_values)
        given = email_values or {}
        if not GIVEN_FIELDS.isdisjoint(given):
            self._check_given(res_ids, given)
        own = self._about_key_accounts_in_others_names(res_ids)
        if not own:
            return send(res_ids, email_values=email_values)
        voice = self.env["mail.message"]._own_voice()
        mails = dict.fromkeys(res_ids)
        others = [number for number in res_ids if number not in own]
        for ids, values in ((others, email_values), (own, {**given, **voice})):
            if ids:
                mails.update(zip(ids, send(ids, email_values=values), strict=True))
        return self.env["mail.mail"].sudo().concat(*mails.values())

    def _check_given(self, res_ids, given):
        """Refuse values of an email about a key account that only the server can set.

        :raise AccessError: for such values
        """
        messages = self.env["mail.message"]
        message = messages.sudo().browse(given.get("mail_message_id") or ()).exists()
        places = {(message.model, message.res_id)}
        for number in res_ids:
            place = given.get("model", self.model), given.get("res_id", number)
            places.add(place)
        is_own = given.keys() & GIVEN_FIELDS <= {"author_id", "email_from"}
        is_own = is_own and messages._is_own_voice(
            given.get("author_id"), given.get("email_from")
        )
        about = messages._places_about_key_accounts(places)
        if messages._speaks_as_client(given.get("author_id")) or (about and not is_own):
            raise AccessError(messages._speaker_message())

    def _about_key_accounts_in_others_names(self, res_ids):
        """Return ids of key account records for which the sender is another person.

        :rtype: list[int]
        """
        if not self.email_from:
            return []
        messages = self.env["mail.message"]
        places = [(self.model, number) for number in res_ids]
        about = messages._places_about_key_accounts(places)
        senders = self._render_field("email_from", [number for _model, number in about])
        return [
            number
            for number, sender in senders.items()
            if not messages._is_own_voice(None, sender)
        ]
