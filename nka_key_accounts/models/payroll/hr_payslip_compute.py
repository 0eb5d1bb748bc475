from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.addons.payroll.models.base_browsable import BaseBrowsableObject
from odoo.exceptions import UserError

from .components import SHOWN


class HrPayslipCompute(models.Model):
    """Computing and confirming, for all payslips of ours at once.

    The engine's own way recomputes at the confirmation, and drops everybody's cache
    with every payslip's old lines; here each is done once for all.
    """

    _inherit = "hr.payslip"

    # ------------------------------------------------------------ actions
    def compute_sheet(self):
        self._nka_settle_structure()
        ours = self._nka_ours()
        if not ours:
            return super().compute_sheet()
        others = self - ours
        if others:
            super(HrPayslipCompute, others).compute_sheet()
        ours._nka_compute()
        return True

    def action_payslip_done(self):
        self._nka_settle_structure()
        ours = self._nka_ours()
        if not ours:
            return super().action_payslip_done()
        others = self - ours
        if others:
            super(HrPayslipCompute, others).action_payslip_done()
        ours.check_access("write")
        ours._check_nka_unfrozen()
        ours.filtered(lambda slip: slip.state == "draft")._nka_compute()
        confirmed = ours.sudo().with_context(without_compute_sheet=True)
        return super(HrPayslipCompute, confirmed).action_payslip_done()

    # ------------------------------------------------------------ engine
    def get_payroll_dict(self, contracts):
        """Give rules ``payroll.nka``: the locked statement's amounts by clear names.

        ``payroll.nka.month`` is empty on payslips that pay no statement; all amounts
        are 0 there. Names: see components.SHOWN.
        """
        values = super().get_payroll_dict(contracts)
        pay = self._nka_prepare_pay() if self._nka_ours() else {}
        return {**values, "nka": BaseBrowsableObject(pay)}

    def _nka_prepare_pay(self):
        statement = self.sudo().nka_statement_ids[:1]
        if not statement:
            statement = self._nka_statements()[self]
        text = self._nka_refusal(self, statement)
        if text:
            raise UserError(text)
        amounts = {name: statement[name] for name in SHOWN}
        return {"month": statement.month, **amounts}

    # ------------------------------------------------------------ business
    def _nka_settle_structure(self):
        """Write down the structure that a contract alone tells, before computing."""
        ids = self.env["hr.payroll.structure"]._nka_ids()
        for slip in self.filtered(lambda slip: not slip.struct_id):
            structures = slip._get_employee_contracts().sudo().struct_id
            ours = structures.filtered(lambda row: row.id in ids)
            if ours:
                slip.struct_id = ours[0]

    def _nka_compute(self):
        """Compute payslips of ours from their locked statements.

        :raise UserError: names everybody who can't be paid, and why
        """
        if not self:
            return
        self.check_access("write")
        self._check_nka_unfrozen()
        slips = self.sudo()
        slips._nka_claim()
        slips.line_ids.unlink()
        lines = {slip: slip._nka_prepare_lines() for slip in slips}
        self._nka_write_lines(lines)._nka_name_in_all_languages()
        today = fields.Date.today()
        for slip in slips.filtered(lambda slip: not slip.number):
            slip.number = self._nka_next_number()
        slips.write({"state": "verify", "compute_date": today})
        for slip in slips:
            slip._check_nka_lines(slip.nka_statement_ids)

    def _nka_prepare_lines(self):
        """What the payroll engine makes of this payslip, our rules and the company's.

        A rule that meets a conflict of the database says so as a user's mistake; it is
        told as what it is, so that the transaction runs again.

        :return: list of values of payslip lines
        """
        try:
            lines = self.get_lines_dict().values()
        except UserError as error:
            if isinstance(error.__cause__, OperationalError):
                raise error.__cause__ from error
            raise
        return [{**line, "slip_id": self.id} for line in lines]

    @api.model
    def _nka_write_lines(self, lines_by_slip):
        lines = [line for lines in lines_by_slip.values() for line in lines]
        return self.env["hr.payslip.line"].sudo().create(lines)

    @api.model
    def _nka_next_number(self):
        return self.env["ir.sequence"].sudo().next_by_code("salary.slip")

    def _nka_record(self):
        """Tell the audit trail who confirmed which payslip of what amount."""
        events = self.env["nka.audit.event"]
        entries = [
            events._prepare_entry(
                slip.nka_statement_ids,
                "payslip",
                new=slip.number,
                note=slip.nka_currency_id.format(slip.nka_total_amount),
            )
            for slip in self.sudo()
        ]
        events._append(entries)
