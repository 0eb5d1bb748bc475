from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...trail.roles import PAYROLL_OFFICER


class PayOpeningSteps(models.Model):
    """One officer submits what is brought forward, another one approves it."""

    _inherit = "nka.pay.opening"

    # ------------------------------------------------------------ checks
    def _check_officer(self):
        self._check_group(
            PAYROLL_OFFICER,
            self.env._(
                "Opening balances are kept by payroll officers. Ask yours; nothing "
                "was changed."
            ),
        )

    def _check_not_maker(self):
        for opening in self.sudo():
            if self.env.user in opening._makers():
                raise AccessError(
                    self.env._(
                        "You entered %s yourself, or it is your own pay, so another "
                        "payroll officer has to approve it. Nothing was changed.",
                        opening.display_name,
                    )
                )

    def _check_noted(self):
        for opening in self:
            if not (opening.note or "").strip():
                raise UserError(
                    self.env._(
                        "Say where the figures of %s come from, so that they can be "
                        "checked before they are approved.",
                        opening.display_name,
                    )
                )

    def _check_first(self):
        """Once a month is approved, the balance follows from it."""
        for opening, statement in self._closed_statements().items():
            raise UserError(
                self.env._(
                    "%(opening)s comes too late: %(statement)s is approved already, "
                    "and balances follow from it. Let a correction settle the "
                    "difference.",
                    opening=opening.display_name,
                    statement=statement.display_name,
                )
            )

    def _closed_statements(self):
        """An approved or locked statement of the same person, by opening."""
        rows = (
            self.env["nka.pay.statement"]
            .sudo()
            ._read_group(
                [
                    ("employee_id", "in", self.employee_id.ids),
                    ("company_id", "in", self.company_id.ids),
                    ("state", "in", ("approved", "locked")),
                ],
                ["employee_id", "company_id"],
                ["id:recordset"],
            )
        )
        closed = {(employee, company): found[:1] for employee, company, found in rows}
        return {
            opening: closed[opening.employee_id, opening.company_id]
            for opening in self.sudo()
            if (opening.employee_id, opening.company_id) in closed
        }

    # ------------------------------------------------------------ actions
    def action_submit(self):
        """Put drafts before another officer.

        :raise AccessError: for anybody but a payroll officer
        :raise UserError: without a source, or when a month is closed already
        """
        self._check_officer()
        self._check_state("draft")
        self._check_noted()
        self._check_first()
        self._move_to("submitted", submitted_by_id=self.env.uid)
        return True

    def action_approve(self):
        """Approve what another officer entered; calculations use it from now on.

        :raise AccessError: for its makers, the paid person, or another role
        """
        self._check_officer()
        self._check_state("submitted")
        self._check_not_maker()
        self._check_first()
        for opening in self:
            opening._move_to(
                "approved",
                note=opening._prepare_note(),
                approved_by_id=self.env.uid,
                approved_date=fields.Datetime.now(),
            )
        return True

    def action_return(self, reason=None):
        """Take it back to a draft while no month is approved; asks why."""
        self._check_officer()
        self._check_state("submitted", "approved")
        self._check_first()
        if not reason:
            return self._ask_reason("action_return")
        values = dict.fromkeys(
            ("submitted_by_id", "approved_by_id", "approved_date"), False
        )
        self._move_to("draft", note=reason, **values)
        return True

    # ------------------------------------------------------------ preparing
    def _prepare_note(self):
        """What the trail keeps of the figures themselves."""
        return self.env._(
            "credits %(credits)s over %(months)s months, advance %(balance)s; %(note)s",
            credits=self.credits,
            months=self.quota_months,
            balance=self.balance,
            note=self.note,
        )

    # ------------------------------------------------------------ business
    @api.model
    def _for_month(self, employees, month, company):
        """Approved openings that the calculation of a month builds on.

        :param employees: hr.employee
        :param date month: first day
        :return: ``{employee id: nka.pay.opening}``
        """
        found = self.search(
            [
                ("employee_id", "in", employees.ids),
                ("company_id", "=", company.id),
                ("month", "<=", month),
                ("state", "=", "approved"),
            ]
        )
        return {opening.employee_id.id: opening for opening in found}
