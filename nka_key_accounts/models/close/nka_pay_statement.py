from odoo import api, fields, models
from odoo.exceptions import UserError

from ..statements.nka_pay_statement import RESULT_FIELDS
from .frozen_months import freeze_statements

#: Stored as a relation or of the steps themselves, not part of what was calculated.
_LOOSE = {"supervisor_ids", "approved_by_id", "approved_date"}


class PayStatement(models.Model):
    """Statements of a month with a page are approved and locked from that page."""

    _inherit = "nka.pay.statement"
    _company_fields = ("close_id",)

    close_id = fields.Many2one(
        "nka.month.close", "Month close", readonly=True, index=True, ondelete="restrict"
    )

    def init(self):
        result = super().init()
        columns = [name for name in RESULT_FIELDS if name not in _LOOSE]
        keys = ["employee_id", "user_id", "company_id", "month", "close_id"]
        freeze_statements(self.env.cr, [*keys, *columns])
        return result

    # ------------------------------------------------------------ checks
    @api.model
    def _prepare_guarded_vals(self, vals):
        return super()._prepare_guarded_vals(self._without_close(vals))

    def _check_guarded_write(self, vals):
        if "close_id" in vals:
            raise UserError(self._guard_message("close_id"))
        return super()._check_guarded_write(vals)

    @api.model
    def _without_close(self, vals):
        if vals.get("close_id"):
            raise UserError(self._guard_message("close_id"))
        return vals

    def _check_no_close(self):
        # Whose statement it is, is told to whoever reads it.
        self.check_access("read")
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

    def action_open_close(self):
        """Open the page of the month."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "nka.month.close",
            "res_id": self.close_id.id,
            "view_mode": "form",
        }

    # ------------------------------------------------------------ business
    def _leave_month(self):
        """Not of its month any more: its person sees it no longer."""
        self.filtered(lambda row: row.state == "calculated")._move_to("open")
        self._unlocked().write({"close_id": False})

    def _approve_waiting(self):
        """Approve what is calculated; the page has gone through its checklist."""
        self.filtered(lambda row: row.state == "calculated")._approve()

    def _lock_waiting(self):
        self.filtered(lambda row: row.state == "approved")._lock()

    def _take_back(self, reason):
        """Open again what was approved or locked; the figures stay until recalculated."""
        self._move_to(
            "calculated", note=reason, approved_by_id=False, approved_date=False
        )
