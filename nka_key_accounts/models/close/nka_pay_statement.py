from odoo import fields, models
from odoo.exceptions import UserError


class PayStatement(models.Model):
    """Statements of a month with a page are approved and locked from that page."""

    _inherit = "nka.pay.statement"

    close_id = fields.Many2one(
        "nka.month.close", "Month close", readonly=True, index=True, ondelete="restrict"
    )

    def _check_no_close(self):
        for statement in self.sudo():
            if statement.close_id:
                raise UserError(
                    self.env._(
                        "%(statement)s is closed with its month, after the checklist. "
                        "Open the page of %(month)s.",
                        statement=statement.display_name,
                        month=statement.close_id.display_name,
                    )
                )

    # ------------------------------------------------------------ actions
    def action_approve(self):
        """Refused where the month has a page: that one approves after its checklist."""
        self._check_no_close()
        return super().action_approve()

    def action_lock(self):
        """Refused where the month has a page: that one locks all together."""
        self._check_no_close()
        return super().action_lock()

    # ------------------------------------------------------------ business
    def _approve(self):
        """Approve what is calculated; the page has gone through its checklist."""
        return super(
            PayStatement, self.filtered(lambda row: row.state == "calculated")
        ).action_approve()

    def _lock(self):
        return super(
            PayStatement, self.filtered(lambda row: row.state == "approved")
        ).action_lock()

    def _take_back(self, reason):
        self._move_to(
            "calculated", note=reason, approved_by_id=False, approved_date=False
        )
