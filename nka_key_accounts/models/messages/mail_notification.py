from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from .side_rows import also_refused, domain_shown, hidden_rows

#: Only this model is checked here; a record rule covers notifications of other records.
EVENT = "calendar.event"

#: Fields that record to whom a message was sent, and whether it was delivered.
SENT_FIELDS = {
    "mail_message_id",
    "res_partner_id",
    "notification_type",
    "notification_status",
}


class MailNotification(models.Model):
    """Prevent users from recording emails as sent, which proves meetings.

    Only sending an email creates such a record.
    """

    _inherit = "mail.notification"

    # ------------------------------------------------------------ access
    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        """Exclude notifications about meetings that the user sees as "Busy"."""
        if not (self.env.su or bypass_access):
            asked = Domain("model", "=", EVENT)
            shown = domain_shown(self.env, asked, "model", "res_id")
            if not shown.is_true():
                about = Domain("mail_message_id", "any!", shown)
                domain = Domain(domain) & (about | self._domain_own())
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or not self.ids:
            return result
        others = self.sudo() - self.sudo().filtered_domain(self._domain_own())
        messages = self.env["mail.message"].browse(others.mail_message_id.ids)
        about = messages.sudo().filtered(lambda message: message.model == EVENT)
        hidden = hidden_rows(messages.browse(about.ids), "model", "res_id")
        rows = others.filtered(lambda row: row.mail_message_id.id in hidden.ids)
        rules = self.env["ir.rule"]
        return also_refused(
            result,
            self.browse(rows.ids),
            lambda: rules._make_access_error(operation, self.browse(rows.ids)),
        )

    @api.model
    def _domain_own(self):
        own = self.env.user.partner_id.id
        return Domain("res_partner_id", "=", own) | Domain("author_id", "=", own)

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            ids = [
                vals["mail_mail_id"] for vals in vals_list if vals.get("mail_mail_id")
            ]
            mails = self.env["mail.mail"].sudo().browse(ids).exists().grouped("id")
            if not all(self._is_of_mail(vals, mails) for vals in vals_list):
                raise AccessError(self._sent_message())
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and SENT_FIELDS & vals.keys():
            if vals.get("notification_status") != "canceled":
                raise AccessError(self._sent_message())
        return super().write(vals)

    @api.model
    def _is_of_mail(self, vals, mails):
        """Return whether an email with this message to this recipient exists.

        The mass mail composer creates its notifications under the sender's user. Their
        status can't be ``sent`` before the mail server has accepted the email.

        :param dict vals: values of a notification
        :param dict mails: existing emails by id
        """
        mail = mails.get(vals.get("mail_mail_id"), self.env["mail.mail"])
        person = vals.get("res_partner_id")
        status = vals.get(
            "notification_status", self.env.context.get("default_notification_status")
        )
        return (
            bool(mail)
            and (status != "sent" or mail.state in ("sent", "received"))
            and mail.mail_message_id.id == vals.get("mail_message_id")
            and (not person or person in mail.recipient_ids.ids)
        )

    @api.model
    def _sent_message(self):
        return self.env._(
            "The system records that a message was sent when it sends it. Send the "
            "message to its recipients instead."
        )
