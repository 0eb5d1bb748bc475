"""Log emails with files of key accounts, however the email is created: by the composer,
a template, a mass mailing, a message to followers, or by sending it again.
"""

from odoo import api, models
from odoo.tools import email_normalize_all

#: Fields that determine the attachments and recipients of an email.
SENDING_FIELDS = {
    "attachment_ids",
    "email_cc",
    "email_to",
    "mail_message_id",
    "recipient_ids",
    "reply_to",
    "unrestricted_attachment_ids",
}


class MailMail(models.Model):
    _inherit = "mail.mail"

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        mails = super().create(vals_list)
        mails._record_files_sent()
        return mails

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "outgoing" or not SENDING_FIELDS.isdisjoint(vals):
            self._record_files_sent()
        return result

    # ------------------------------------------------------------ sending
    def _prepare_outgoing_list(self, *args, **kwargs):
        """Log the actual recipients if they differ from those logged before: addresses
        can change and files can be added while the email is waiting.
        """
        emails = super()._prepare_outgoing_list(*args, **kwargs)
        files = self.sudo().attachment_ids._with_private()
        if files:
            sent = {
                address
                for email in emails
                for address in email.get("email_to_normalized") or ()
            }
            known = self._addresses_on_record(files)
            if sent - known:
                self._record_files_to(files, sent)
        return emails

    def _record_files_sent(self):
        """Log which files of key accounts these emails contain, and who gets them."""
        for mail in self.sudo():
            files = mail.attachment_ids._with_private()
            if files:
                self._record_files_to(files, mail._addresses(), mail._answers_note())

    def _record_files_to(self, files, addresses, note=None):
        self.env["ir.attachment"]._record_files(
            "file_sent", files, ", ".join(sorted(addresses)), note
        )

    def _addresses(self):
        """Return the current addresses of the recipients.

        :rtype: set[str]
        """
        texts = [self.email_to, self.email_cc, *self.recipient_ids.mapped("email")]
        return {
            address for text in texts if text for address in email_normalize_all(text)
        }

    def _answers_note(self):
        """Return a note on the reply address if it isn't the sender's."""
        if not self.reply_to or self.reply_to == self.email_from:
            return None
        return self.env._("Replies go to: %s", self.reply_to)

    def _addresses_on_record(self, files):
        """Return the recipients logged for these files since the email was created."""
        originals = self.env["ir.attachment"].sudo().concat(*files.values())
        events = self.env["nka.audit.event"].sudo()
        sent = events.search(
            [
                ("kind", "=", "file_sent"),
                ("res_model", "in", originals.mapped("res_model")),
                ("res_id", "in", originals.mapped("res_id")),
                ("date", ">=", self.create_date),
            ]
        )
        return {address for event in sent for address in (event.new or "").split(", ")}
