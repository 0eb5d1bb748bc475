from odoo import api, models


class MailMail(models.Model):
    """Count the emails with files that people with a key account role send out."""

    _inherit = "mail.mail"

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        mails = super().create(vals_list)
        mails._count_sent_files()
        return mails

    # ------------------------------------------------------------ business
    def _count_sent_files(self):
        # Odoo creates emails as superuser on behalf of users.
        readings = self.sudo(False).env["nka.reading"]
        if readings._is_counted():
            sent = self.sudo().filtered(lambda mail: mail._takes_files_out())
            readings._count(len(sent), "mail")

    def _takes_files_out(self):
        """Return whether an email with files goes to anybody but internal users."""
        if not self.attachment_ids:
            return False
        return bool(
            self.email_to
            or self.email_cc
            or self.recipient_ids.filtered("partner_share")
        )
