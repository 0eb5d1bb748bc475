from datetime import datetime

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ...trail.roles import PAYROLL_OFFICER

FIRST = datetime.min


class PayStatementSteps(models.Model):
    """From calculated to approved to locked; two people prepare and approve."""

    _inherit = "nka.pay.statement"

    # ------------------------------------------------------------ checks
    def _check_officer(self):
        self._check_group(
            PAYROLL_OFFICER,
            self.env._(
                "Only a payroll officer may do this. Ask one of yours; nothing was "
                "changed."
            ),
        )

    def _check_not_preparer(self):
        for statement in self.sudo():
            if self.env.user in statement.calculated_by_id | statement.user_id:
                raise AccessError(
                    self.env._(
                        "%s was calculated by you or is your own, so another payroll "
                        "officer approves it. Nothing was changed.",
                        statement.display_name,
                    )
                )

    def _check_ledger_unmoved(self):
        """What was credited since the calculation would be left out for good."""
        groups = self.sudo().grouped(lambda row: (row.company_id, row.month))
        for (company, month), statements in groups.items():
            sources = self.env["nka.bonus.line"]._sources(
                company, statements.user_id, month, fields.Date.end_of(month, "month")
            )
            for statement in statements:
                now = {line_id for line_id, _o in sources.get(statement.user_id.id, ())}
                if now != statement._credited_ids():
                    raise UserError(
                        self.env._(
                            "Credits of %s changed after it was calculated. "
                            "Calculate the month again; nothing was changed.",
                            statement.display_name,
                        )
                    )

    def _credited_ids(self):
        """Ids of the ledger's lines that these lines were calculated from."""
        lines = self.line_ids.filtered(lambda row: row.res_model == "nka.bonus.line")
        return {line_id for line in lines for line_id in line.res_ids or ()}

    def _check_after_earlier(self):
        """A month goes on from where the one before ended: balance, releases."""
        earlier = self.sudo().search_fetch(
            [
                ("employee_id", "in", self.employee_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("month", "<", max(self.mapped("month"))),
                ("state", "!=", "open"),
            ],
            ["employee_id", "company_id", "month", "calculated_date"],
        )
        for statement in self.sudo():
            if any(
                row.employee_id == statement.employee_id
                and row.company_id == statement.company_id
                and row.month < statement.month
                and (row.calculated_date or FIRST)
                > (statement.calculated_date or FIRST)
                for row in earlier
            ):
                raise UserError(
                    self.env._(
                        "A month before %s was calculated after it. Calculate this "
                        "month again; nothing was changed.",
                        statement.display_name,
                    )
                )

    # ------------------------------------------------------------ actions
    def action_calculate(self):
        """Calculate again what isn't approved yet.

        :raise AccessError: for anybody but a payroll officer
        """
        self._check_officer()
        self._check_state("open", "calculated")
        for (company, month), own in self.grouped(
            lambda row: (row.company_id, row.month)
        ).items():
            self._calculate(own.employee_id, month, company)
        return True

    def action_approve(self):
        """Approve calculated statements: not by whoever calculated them.

        :raise AccessError: for the preparer, the paid person, or another role
        :raise UserError: when a statement isn't calculated or its credits moved
        """
        self._approve()
        return True

    def action_lock(self):
        """Lock approved statements; nothing changes them any more."""
        self._lock()
        return True

    # ------------------------------------------------------------ business
    def _approve(self):
        self._check_officer()
        self._check_state("calculated")
        self._check_not_preparer()
        self._check_ledger_unmoved()
        self._check_after_earlier()
        self.sudo()._move_to(
            "approved",
            approved_by_id=self.env.uid,
            approved_date=fields.Datetime.now(),
        )

    def _lock(self):
        self._check_officer()
        self._check_state("approved")
        self.sudo()._move_to("locked")
