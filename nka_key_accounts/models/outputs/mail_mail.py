from odoo import models

STATEMENT = "nka.pay.statement"


class MailMail(models.Model):
    """Cancel emails with outdated statements; record the outcome of the others."""

    _inherit = "mail.mail"

    def send(self, *args, **kwargs):
        """Send emails, but cancel those with statements of reopened months."""
        stale = self._nka_withdrawn()
        if stale:
            stale.cancel()
        return super(MailMail, self - stale).send(*args, **kwargs)

    def _nka_withdrawn(self):
        """Return the emails whose statement isn't locked in the same revision any more.

        Their records are marked as withdrawn.
        """
        own = self.filtered(lambda mail: mail.model == STATEMENT)
        if not own:
            return own
        notes = self.env["nka.pay.statement.mail"].sudo()
        notes = notes.search([("mail_id", "in", own.ids)])
        stale = notes.filtered(lambda note: not note._is_current())
        stale._unlocked().write({"state": "withdrawn"})
        return stale.mail_id.with_env(self.env) & self

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """Record the outcome of a statement's email before the email is deleted."""
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
