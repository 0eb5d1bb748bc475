from odoo import fields, models

#: Says that the month was checked just now; compared by identity, so no client sends it.
_CHECKED = object()


def checked(records):
    """Statements, or notes of them, whose month was compared in this step already."""
    return records.with_context(nka_checked=_CHECKED)


class PayStatement(models.Model):
    """A statement leaves the house only while its month is what was sealed."""

    _inherit = "nka.pay.statement"

    mail_ids = fields.One2many("nka.pay.statement.mail", "statement_id", readonly=True)
    mail_state = fields.Selection(
        "_selection_mail_state", "By e-mail", compute="_compute_mail_state"
    )

    def _selection_mail_state(self):
        mails = self.env["nka.pay.statement.mail"]
        return mails._fields["state"]._description_selection(self.env)

    def _compute_mail_state(self):
        for statement in self:
            statement.mail_state = statement.sudo().mail_ids[:1].state

    def _check_printable(self):
        """Refuse a locked statement of a month that isn't what was sealed."""
        if self.env.context.get("nka_checked") is _CHECKED:
            return
        locked = self.sudo().filtered(lambda row: row.state == "locked")
        for close in locked.close_id:
            close._check_sealed()

    def _render_pdf(self):
        """The statement as a PDF in the person's language.

        :rtype: bytes
        """
        self.ensure_one()
        language = self.sudo().user_id.lang or self.env.lang
        reports = self.env["ir.actions.report"].sudo().with_context(lang=language)
        content, _type = reports._render_qweb_pdf(
            "nka_key_accounts.action_report_pay_statement", self.ids
        )
        return content
