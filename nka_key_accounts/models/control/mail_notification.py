from odoo import api, models
from odoo.exceptions import AccessError

#: What says that somebody was told something, and whether it reached them.
SENT_FIELDS = {
    "mail_message_id",
    "res_partner_id",
    "notification_type",
    "notification_status",
}


class MailNotification(models.Model):
    """That a mail was sent is written by sending it: it proves meetings with clients."""

    _inherit = "mail.notification"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and not all(map(self._is_of_mail, vals_list)):
            raise AccessError(self._sent_message())
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and SENT_FIELDS & vals.keys():
            if vals.get("notification_status") != "canceled":
                raise AccessError(self._sent_message())
        return super().write(vals)

    @api.model
    def _is_of_mail(self, vals):
        """Whether there is a mail of this message to this recipient: the composer of
        mass mails writes its notifications in the name of the sender. None says that
        the mail was sent before the mail server took it.
        """
        mail = self.env["mail.mail"].sudo().browse(vals.get("mail_mail_id")).exists()
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
            "That a message was sent is noted by sending it. Send the message to its "
            "recipients; nothing was changed."
        )
