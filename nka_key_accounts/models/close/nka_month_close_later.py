from odoo import fields, models
from odoo.exceptions import UserError


class MonthCloseLater(models.Model):
    """People who are left out of a month, and closed after it."""

    _inherit = "nka.month.close"

    waiting_count = fields.Integer("Left out", compute="_compute_waiting_count")

    def _compute_waiting_count(self):
        rows = (
            self.env["nka.month.close.exclusion"]
            .sudo()
            ._read_group(
                [("close_id", "in", self.ids), ("state", "!=", "closed")],
                ["close_id"],
                ["__count"],
            )
        )
        counts = {close.id: count for close, count in rows}
        for close in self:
            close.waiting_count = counts.get(close.id, 0)

    def _let_go(self, employee):
        """Take somebody's statement out of the month; he no longer sees it."""
        gone = self.sudo().statement_ids.filtered(
            lambda row: row.employee_id == employee
        )
        if gone:
            gone._leave_month()
            self._run_checks()

    def _close_later(self, exclusion):
        """Approve, lock, pay and seal the one statement that was missing."""
        statement = exclusion.sudo().statement_id
        if statement.open_dispute_count:
            raise UserError(
                self.env._("Answer the dispute of %s first.", statement.display_name)
            )
        as_user = statement.with_user(self.env.user)
        as_user._approve_waiting()
        as_user._lock_waiting()
        self._make_slips(statement)
        exclusion.sudo()._move_to("closed", close_date=fields.Datetime.now())
        self._seal(self.env._("%s was closed later", exclusion.employee_id.sudo().name))
