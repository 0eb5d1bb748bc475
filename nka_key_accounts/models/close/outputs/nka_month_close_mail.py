from odoo import fields, models


class MonthCloseMail(models.Model):
    """Statements by e-mail: noted with the lock, made and sent after it."""

    _inherit = "nka.month.close"

    mail_count = fields.Integer("E-mails", compute="_compute_mails")
    mail_sent_count = fields.Integer("E-mails sent", compute="_compute_mails")

    def _compute_mails(self):
        rows = (
            self.env["nka.pay.statement.mail"]
            .sudo()
            ._read_group(
                [("statement_id.close_id", "in", self.ids)],
                ["statement_id", "state"],
                ["__count"],
            )
        )
        for close in self:
            counts = [
                (state, count)
                for statement, state, count in rows
                if statement.close_id == close
            ]
            close.mail_count = sum(count for _state, count in counts)
            close.mail_sent_count = sum(
                count for state, count in counts if state == "sent"
            )

    def action_mail_statements(self):
        """E-mail every statement of a locked month that wasn't e-mailed yet."""
        self._check_output()
        count = len(self._note_mails())
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%s statements go out by e-mail in the next minutes.", count
                )
                if count
                else self.env._("Every statement is on its way or sent already."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_open_mails(self):
        """What became of the e-mails of this month."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.nka_pay_statement_mail_action"
        )
        return {**action, "domain": [("statement_id.close_id", "=", self.id)]}

    # ------------------------------------------------------------ business
    def _seal(self, reason=False):
        """Where the company wants it, everybody gets his sealed statement by mail."""
        result = super()._seal(reason)
        if self.company_id.sudo().nka_mail_statements:
            self._note_mails()
        return result

    def _note_mails(self):
        """Note down whom to send to; files are made and sent by the job.

        A statement is sent once, and again only when it was approved anew since.

        :return: the new nka.pay.statement.mail
        """
        mails = self.env["nka.pay.statement.mail"].sudo()
        known = mails.search([("statement_id.close_id", "=", self.id)])
        current = known.filtered(
            lambda row: row.noted_date >= row.statement_id.approved_date
        )
        made = mails._unlocked().create(
            [
                {"statement_id": row.id, "revision": self.revision}
                for row in self._sorted_statements() - current.statement_id
            ]
        )
        if made:
            mails._wake_job()
        return made
