"""Days of unpaid leave are passed to the company's own salary rules."""

from datetime import date

from odoo import Command

from .common import NOVEMBER, NOVEMBER_END, PayrollCase


class UnpaidDaysCase(PayrollCase):
    TERMS = {}

    @classmethod
    def _approved_version(cls, date_start, plan=None, **vals):
        return super()._approved_version(date_start, plan, **vals, **cls.TERMS)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kind = cls.env["hr.leave.type"].create(
            {"name": "Unpaid", "requires_allocation": False, "unpaid": True}
        )
        cls.env["hr.leave"].create(
            {
                "holiday_status_id": kind.id,
                "employee_id": cls.employee.id,
                "request_date_from": date(2025, 11, 6),
                "request_date_to": date(2025, 11, 7),
            }
        ).action_approve()
        cls.statement = cls._locked()
        category = cls.env["hr.salary.rule.category"].search(
            [("code", "=", "ALW")], limit=1
        )
        cls.rule = cls.env["hr.salary.rule"].create(
            {
                "name": "Own deduction",
                "code": "OWN_UNPAID",
                "sequence": 90,
                "category_id": category.id,
                "amount_select": "code",
                "amount_python_compute": "result = 0\n"
                "result_qty = worked_days.NKA_UNPAID.number_of_days "
                "+ payroll.nka.unpaid_days",
            }
        )
        cls.structure.rule_ids = [Command.link(cls.rule.id)]

    def _assert_days(self, slip):
        (days,) = slip.worked_days_line_ids
        self.assertEqual((days.code, days.number_of_days), ("NKA_UNPAID", 2))
        self.assertEqual(days.number_of_hours, 16)
        self.assertEqual(days.contract_id.employee_id, self.employee)
        line = slip.line_ids.filtered(lambda row: row.code == "OWN_UNPAID")
        self.assertEqual(line.quantity, 4)


class TestDeducted(UnpaidDaysCase):
    def test_created_by_the_close(self):
        slip = self._make(self.statement)
        self.assertEqual(self._paid(slip)["NKA_FIXED"], 72000)
        self._assert_days(slip)

    def test_created_by_an_api_and_computed_again(self):
        slip = self._slip()
        slip.compute_sheet()
        slip.compute_sheet()
        self._assert_days(slip)
        self.assertEqual(self.statement.unpaid_leave, "deduct")

    def test_no_days_without_unpaid_leave(self):
        slip = self.env["hr.payslip"]
        december = date(2025, 12, 1)
        self._score_all(december)
        statement = self._locked(december)
        slip = self._slip(date_from=december, date_to=date(2025, 12, 31))
        self.rule.unlink()
        slip.compute_sheet()
        self.assertFalse(slip.worked_days_line_ids)
        self.assertEqual(statement.unpaid_days, 0)


class TestLeftToPayroll(UnpaidDaysCase):
    TERMS = {"unpaid_leave": "leave_to_payroll"}

    def test_paid_here_and_passed_to_payroll(self):
        slip = self._make(self.statement)
        self.assertEqual(self._paid(slip)["NKA_FIXED"], 80000)
        self._assert_days(slip)
        self.assertEqual(self.statement.unpaid_leave, "leave_to_payroll")
        self.assertEqual((slip.date_from, slip.date_to), (NOVEMBER, NOVEMBER_END))
