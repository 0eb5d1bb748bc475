from odoo import api, fields, models
from odoo.exceptions import UserError

from ..statements.nka_pay_statement import RESULT_FIELDS
from ..trail.opening import open_records
from .frozen_months import guards_of_statements

#: Stored relations and fields of the steps, not part of the calculated result.
_LOOSE = {"supervisor_ids", "approved_by_id", "approved_date"}


class PayStatement(models.Model):
    """Statements in a month-end close are approved and locked only with it."""

    _inherit = "nka.pay.statement"
    _guarded_fields = ("close_id",)
    _company_fields = ("close_id",)

    close_id = fields.Many2one(
        "nka.month.close",
        "Month-end close",
        readonly=True,
        index=True,
        ondelete="restrict",
    )

    @api.model
    def _guards(self):
        columns = [name for name in RESULT_FIELDS if name not in _LOOSE]
        keys = ["employee_id", "user_id", "company_id", "month", "close_id"]
        return [*super()._guards(), *guards_of_statements([*keys, *columns])]

    # ------------------------------------------------------------ checks
    def _check_no_close(self):
        # The error names the person, so check read access first.
        self.check_access("read")
        for statement in self.sudo():
            if statement.close_id:
                raise UserError(
                    self.env._(
                        "%(statement)s is closed together with its month. Open the "
                        "month-end close for %(month)s.",
                        statement=statement.display_name,
                        month=statement.close_id.display_name,
                    )
                )

    def _check_payslips_made(self):
        """Refuse to lock a month with missing payslips.

        :raise UserError: names all employees without a payslip, and why
        """
        missing = self._without_payslip()
        if missing:
            raise UserError(
                self.env._(
                    "The month isn't locked because some payslips couldn't be "
                    "generated:\n%s\nResolve the errors, or withdraw the approval and "
                    "exclude these people.",
                    "\n".join(
                        f"– {row.display_name}: {row.payslip_error or ''}"
                        for row in missing
                    ),
                )
            )

    def _check_payslips_complete(self):
        """Refuse to mark a month as paid while payslips are missing."""
        waiting = self._without_payslip()
        if waiting:
            raise UserError(
                self.env._(
                    "%(count)s payslips for %(month)s haven't been generated yet. See "
                    "Payslips in the background for the reason.",
                    count=len(waiting),
                    month=self.close_id.display_name,
                )
            )

    # ------------------------------------------------------------ actions
    def action_approve(self):
        """Approve statements without a month-end close.

        :raise UserError: if a statement belongs to a month-end close
        """
        self._check_no_close()
        return super().action_approve()

    def action_lock(self):
        """Lock statements without a month-end close.

        :raise UserError: if a statement belongs to a month-end close
        """
        self._check_no_close()
        return super().action_lock()

    def action_open_close(self):
        """Open the month-end close of this statement."""
        self.ensure_one()
        return open_records(self.close_id)

    # ------------------------------------------------------------ business
    def _leave_month(self):
        """Remove statements from their month; their employees no longer see them."""
        self.filtered(lambda row: row.state == "calculated")._move_to("open")
        self._unlocked().write({"close_id": False})

    def _take_back(self, reason):
        """Reopen approved or locked statements; the amounts stay until recalculated."""
        self._move_to(
            "calculated", note=reason, approved_by_id=False, approved_date=False
        )
