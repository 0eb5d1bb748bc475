"""Unpaid leave: what it deducts from fixed pay and the season pool, and how it is
shown.
"""

from datetime import date
from decimal import Decimal

from odoo.addons.nka_key_accounts import paycalc
from odoo.exceptions import UserError

from ..common import new_user
from .test_retro import RetroCase

#: Terms that came later; their defaults are in no hash.
LATER = (
    "unpaid_leave",
    "after_leaving",
    "leaver_months",
    "loyalty_share",
    "release_document_type_ids",
)
OCTOBER, NOVEMBER, DECEMBER = (date(2025, month, 1) for month in (10, 11, 12))


class UnpaidCase(RetroCase):
    BASIS = "invoiced"
    #: Additional terms of the plan version.
    TERMS = {}

    @classmethod
    def _approved_version(cls, date_start, plan=None, **vals):
        return super()._approved_version(date_start, plan, **vals, **cls.TERMS)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hr = new_user(cls.env, "nka_hr", "hr_holidays.group_hr_holidays_manager")
        cls.unpaid = cls._type(unpaid=True)
        cls.paid = cls._type()

    @classmethod
    def _type(cls, **vals):
        return cls.env["hr.leave.type"].create(
            {
                "name": "Leave",
                "requires_allocation": False,
                "leave_validation_type": "hr",
                "request_unit": "half_day",
                **vals,
            }
        )

    def _leave(self, first, last=None, kind=None, **vals):
        leave = (
            self.env["hr.leave"]
            .with_user(self.manager)
            .create(
                {
                    "holiday_status_id": (kind or self.unpaid).id,
                    "employee_id": self.employee.id,
                    "request_date_from": first,
                    "request_date_to": last or first,
                    **vals,
                }
            )
        )
        leave.with_user(self.hr).action_approve()
        return leave

    def _lines(self, statement, kind):
        return statement.line_ids.filtered(lambda row: row.kind == kind)


class TestUnpaidLeave(UnpaidCase):
    """November 2025 has 20 workdays; fixed pay is 80,000."""

    def test_whole_month(self):
        """The example in docs/facts.md: the fixed pay is zero, and the statement gives
        the reason.
        """
        leave = self._leave(NOVEMBER, date(2025, 11, 30))
        statement = self._calculate(NOVEMBER)
        self.assertFalse(statement.exception)
        self.assertEqual((statement.fixed_amount, statement.total_amount), (0, 0))
        self.assertEqual((statement.employed_days, statement.unpaid_days), (0, 20))
        fixed = self._lines(statement, "fixed")
        self.assertEqual(fixed.reason, "All workdays of this period are unpaid leave.")
        line = self._lines(statement, "unpaid")
        self.assertIn("20 of 20 workdays", line.formula)
        action = line.with_user(self.officer).action_open_sources()
        opened = self.env["hr.leave"].with_user(self.officer).search(action["domain"])
        self.assertEqual(opened.ids, leave.ids)
        mine = line.with_user(self.manager).action_open_sources()
        self.assertEqual(mine["res_model"], "hr.leave")

    def test_some_days_and_a_half(self):
        self._leave(date(2025, 11, 6), date(2025, 11, 7))
        half = {"request_date_from_period": "pm", "request_date_to_period": "pm"}
        self._leave(date(2025, 11, 10), **half)
        self._cover(NOVEMBER, date(2025, 11, 30))
        statement = self._calculate(NOVEMBER)
        self.assertEqual(
            (statement.employed_days, statement.unpaid_days, statement.covered_days),
            (17.5, 2.5, 17.5),
        )
        self.assertEqual(statement.fixed_amount, 70000)
        self.assertEqual(self._lines(statement, "unpaid").source_count, 2)

    def test_paid_leave_counts_as_covered_days(self):
        self._leave(NOVEMBER, date(2025, 11, 30), kind=self.paid)
        statement = self._calculate(NOVEMBER)
        self.assertEqual((statement.fixed_amount, statement.covered_days), (80000, 20))
        self.assertFalse(self._lines(statement, "unpaid"))

    def test_season_pool(self):
        """All of October: two of three months' goal pay; count targets are prorated."""
        self._score_all(DECEMBER)
        self._leave(OCTOBER, date(2025, 10, 31))
        statement = self._calculate(DECEMBER)
        self.assertFalse(statement.exception)
        self.assertEqual(statement.soft_amount, 40000)
        season = self._season(DECEMBER)
        share = season._proportions(self.employee)[self.employee.id]
        days = self.env["nka.work.report"]._month_days(
            self.employee, OCTOBER, date(2025, 12, 31)
        )[self.employee.id]
        self.assertEqual(share, days.proportion)
        self.assertEqual(days.unpaid, 23)

    def test_term_is_frozen_and_in_comparison_and_hash(self):
        with self.refused(UserError):
            self.version.unpaid_leave = "leave_to_payroll"
        self.refused_by_database(
            "UPDATE nka_pay_plan_version SET unpaid_leave = 'leave_to_payroll' "
            "WHERE id = %s",
            self.version.id,
        )
        before = self.version._make_digest()
        self.assertEqual(before, self.version.digest)
        other = self.version._copy_version(
            {"plan_id": self.version.plan_id.id, "date_start": date(2026, 1, 1)}
        )
        other.unpaid_leave = "leave_to_payroll"
        self.assertIn("Unpaid leave", [row["label"] for row in other.differences])
        same = other._make_digest()
        other.unpaid_leave = "deduct"
        self.assertNotEqual(same, other._make_digest())

    def test_earlier_hash_stays_valid(self):
        """A version with the default term has the same hash as before the term existed."""
        version = self.version.with_context(lang="en_US")
        # The labels in those days.
        words = {
            "paid": "Paid by the client",
            "invoiced": "Invoiced",
            "pay_and_flag": "Pay all, flag missing reports",
        }
        rows = [
            [key, words.get(version[key], text) if key in version else text]
            for key, _label, text in version._describe_terms()
            if key not in LATER
        ]
        content = [version.plan_id.id, str(version.date_start), rows]
        self.assertEqual(version.digest, version._digest_of(content))

    # ------------------------------------------------------------ approver
    def test_self_approved_leave_is_shown_and_not_counted(self):
        leave = (
            self.env["hr.leave"]
            .with_user(self.manager)
            .create(
                {
                    "holiday_status_id": self.paid.id,
                    "employee_id": self.employee.id,
                    "request_date_from": date(2025, 11, 3),
                    "request_date_to": date(2025, 11, 28),
                }
            )
        )
        leave.with_context(leave_fast_create=True).write({"state": "validate"})
        statement = self._calculate(NOVEMBER)
        self.assertEqual((statement.employed_days, statement.covered_days), (20, 0))
        line = self._lines(statement, "uncounted")
        self.assertIn("approved their own time off", line.reason)
        self.assertEqual(line.formula, "11/03/2025 – 11/28/2025")
        self.assertEqual((line.res_model, line.res_ids), ("hr.leave", leave.ids))
        leave.with_user(self.hr).action_back_to_approval()
        leave.with_user(self.hr).action_approve()
        statement = self._calculate(NOVEMBER)
        self.assertEqual(statement.covered_days, 20)
        self.assertFalse(self._lines(statement, "uncounted"))

    # ------------------------------------------------------------ after the close
    def test_approved_after_the_close(self):
        """It becomes an adjustment in the first open month; the closed one stays
        unchanged.
        """
        statement = self._closed(NOVEMBER)
        self._leave(date(2025, 11, 6), date(2025, 11, 7))
        statement.with_user(self.officer).action_correct()
        correction = self.env["nka.pay.correction"].search([])
        self.assertEqual((correction.component, correction.amount), ("fixed", -8000))
        self.assertEqual((statement.unpaid_days, statement.fixed_amount), (0, 80000))

    def test_refused_after_the_close(self):
        leave = self._leave(date(2025, 11, 6), date(2025, 11, 7))
        statement = self._closed(NOVEMBER)
        self.assertEqual(statement.fixed_amount, 72000)
        leave.with_user(self.hr).action_refuse()
        statement.with_user(self.officer).action_correct()
        correction = self.env["nka.pay.correction"].search([])
        self.assertEqual((correction.component, correction.amount), ("fixed", 8000))

    def test_other_leave_of_a_colleague_changes_nothing(self):
        self.env["hr.leave"].create(
            {
                "holiday_status_id": self.unpaid.id,
                "employee_id": self.other_employee.id,
                "request_date_from": NOVEMBER,
                "request_date_to": date(2025, 11, 30),
            }
        ).action_approve()
        self.assertEqual(self._calculate(NOVEMBER).fixed_amount, 80000)


class TestLeftToPayroll(UnpaidCase):
    TERMS = {"unpaid_leave": "leave_to_payroll"}

    def test_days_stay_paid_and_are_reported(self):
        self._leave(NOVEMBER, date(2025, 11, 30))
        statement = self._calculate(NOVEMBER)
        self.assertEqual((statement.fixed_amount, statement.unpaid_days), (80000, 20))
        self.assertEqual((statement.employed_days, statement.covered_days), (20, 20))
        line = self._lines(statement, "unpaid")
        self.assertIn("left to the company's salary rules", line.formula)


class TestHeld(UnpaidCase):
    """Held for days without a report that later turn out to be unpaid leave."""

    TERMS = {"holding_policy": "hold_above_floor", "holding_confirmed": True}

    def test_pay_held_for_unpaid_days_is_neither_released_nor_deducted_twice(self):
        self._cover(date(2025, 11, 3), date(2025, 11, 23))
        statement = self._closed(NOVEMBER)
        self.assertEqual(
            (statement.fixed_amount, statement.held_amount), (60000, 20000)
        )
        self._leave(date(2025, 11, 24), date(2025, 11, 25))
        self._cover(date(2025, 11, 24), date(2025, 11, 30))
        december = self._calculate(DECEMBER)
        released = self._lines(december, "release")
        self.assertEqual(released.amount, 12000)
        statement.with_user(self.officer).action_correct()
        self.assertFalse(self.env["nka.pay.correction"].search([]))
        due = paycalc.fixed_pay(
            Decimal(80000), paycalc.MonthDays(20, 18), paycalc.PAY_AND_FLAG
        )
        self.assertEqual(statement.fixed_amount + released.amount, due.amount)
