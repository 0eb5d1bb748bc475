from odoo import models

STATEMENT = "nka.pay.statement"


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """Note on a statement's own record what became of its mail, before it is gone."""
        own = self.filtered(lambda mail: mail.model == STATEMENT)
        if own:
            notes = self.env["nka.pay.statement.mail"].sudo()
            notes = notes.search([("mail_id", "in", own.ids)])
            if failure_type or failure_reason:
                notes._note_failed(failure_reason or own[0].failure_reason)
            else:
                notes._note_sent()
        return super()._postprocess_sent_message(
            success_pids,
            success_emails,
            failure_reason=failure_reason,
            failure_type=failure_type,
        )
