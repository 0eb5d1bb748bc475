from odoo import models
from odoo.exceptions import AccessError, UserError

from ..accounts.asking import tell
from ..trail.roles import PAYROLL_OFFICER
from .refusals import closed, refusal


class HrPayslipEmployees(models.TransientModel):
    """Let the engine's batch wizard generate the same payslips as the close does."""

    _inherit = "hr.payslip.employees"

    def compute_sheet(self):
        """Generate payslips of statements in their batches; super handles all others.

        :raise UserError: if no employee is selected, or some can't be paid
        """
        run = self.env["hr.payslip.run"].browse(self.env.context.get("active_id"))
        if not run.is_nka:
            self._nka_leave_out(run)
            return super().compute_sheet()
        run.check_access("write")
        if not self.employee_ids:
            raise UserError(
                self.env._("Select the employees to generate payslips for.")
            )
        keys = [
            (employee, run.date_start, run.company_id)
            for employee in self.employee_ids.sudo()
        ]
        statements = self.env["nka.pay.statement"]._of_month(keys)
        self._check_nka_payable(run, statements)
        found = self.env["nka.pay.statement"].union(*statements.values())
        run._nka_make(found)
        self._check_nka_made(found)
        return {"type": "ir.actions.act_window_close"}

    def _nka_leave_out(self, run):
        """Exclude employees on 40/10/50 if the user isn't a payroll officer.

        :raise AccessError: if no other employee is selected
        """
        if run.struct_id or self.env.su or self.env.user.has_group(PAYROLL_OFFICER):
            return
        people = self.employee_ids.sudo()
        contracts = people._get_contracts(run.date_start, run.date_end)
        ids = self.env["hr.payroll.structure"]._nka_ids()
        apart = people.filtered(
            lambda person: contracts[person.id][:1].struct_id.id in ids
        )
        if not apart:
            return
        text = closed(self.env, ", ".join(apart.mapped("name")))
        if apart == people:
            raise AccessError(text)
        self.employee_ids -= apart.sudo(False)
        tell(self.env, text)

    def _check_nka_payable(self, run, statements):
        """Name all employees without a locked statement before creating any payslip."""
        slips = self.env["hr.payslip"].sudo()
        texts = []
        for (employee, month, company), statement in statements.items():
            if statement.state == "locked":
                continue
            slip = slips.new(
                {
                    "employee_id": employee.id,
                    "company_id": company.id,
                    "struct_id": run.struct_id.id,
                    "date_from": month,
                    "date_to": run.date_end,
                }
            )
            texts.append(refusal(slip, statement))
        if texts:
            raise UserError("\n".join(texts))

    def _check_nka_made(self, statements):
        texts = [row.payslip_error for row in statements.sudo() if row.payslip_error]
        if texts:
            raise UserError("\n".join(texts))
