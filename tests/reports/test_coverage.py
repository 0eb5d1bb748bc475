from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.addons.nka_key_accounts.models.facts import calendars
from odoo.tests import tagged

from .common import ReportCase, new_leave

NOVEMBER = date(2026, 11, 1), date(2026, 11, 30)


@tagged("nka_reports")
class TestCoverage(ReportCase):
    """Scheduled, employed and covered days, on which fixed pay is based."""

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time("2026-12-08 09:00:00"))
        self.model = self.env["nka.work.report"]

    def _covered(self):
        return self.model._covered_days(self.employee, *NOVEMBER)[self.employee.id]

    def _scheduled(self, employee=None):
        employee = employee or self.employee
        return calendars.scheduled_days(employee, *NOVEMBER)[employee.id]

    def _employed(self, employee):
        scheduled = calendars.scheduled_days(employee, *NOVEMBER)
        return calendars.employed_days(employee, scheduled)[employee.id]

    def test_example_of_the_pay_page(self):
        for day in (1, 9, 23):
            self._approved(date_from=date(2026, 11, day))
        late = self._submitted(date_from=date(2026, 11, 16))
        days = self.model._month_days(self.employee, *NOVEMBER)[self.employee.id]
        self.assertEqual((days.scheduled, days.employed, days.covered), (21, 21, 16))
        late.with_user(self.supervisor).action_approve()
        days = self.model._month_days(self.employee, *NOVEMBER)[self.employee.id]
        self.assertEqual(days.covered, 21)

    def test_leave_covers_whole_days_only(self):
        new_leave(self, self.employee, date(2026, 11, 2), date(2026, 11, 3))
        new_leave(self, self.employee, date(2026, 11, 4), date(2026, 11, 4), "confirm")
        half = {"request_date_from_period": "am", "request_date_to_period": "am"}
        new_leave(
            self,
            self.employee,
            date(2026, 11, 5),
            date(2026, 11, 5),
            unit="half_day",
            **half,
        )
        covered = self._covered()
        self.assertEqual(covered, {date(2026, 11, 2), date(2026, 11, 3)})
        half = {"request_date_from_period": "pm", "request_date_to_period": "pm"}
        new_leave(
            self,
            self.employee,
            date(2026, 11, 5),
            date(2026, 11, 5),
            unit="half_day",
            **half,
        )
        self.assertIn(date(2026, 11, 5), self._covered())

    def test_self_approved_leave_is_uncovered_with_a_reason(self):
        report = self._report(date_from=date(2026, 11, 9))
        kind = self.env["hr.leave.type"].create(
            {"name": "Leave", "requires_allocation": False}
        )
        leave = (
            self.env["hr.leave"]
            .with_user(self.manager)
            .create(
                {
                    "holiday_status_id": kind.id,
                    "employee_id": self.employee.id,
                    "request_date_from": date(2026, 11, 12),
                    "request_date_to": date(2026, 11, 13),
                }
            )
        )
        mine = report.with_user(self.manager)
        self.assertEqual(
            mine.leave_note, "Nov 12 – Nov 13: The time off isn't approved yet."
        )
        leave.with_context(leave_fast_create=True).write({"state": "validate"})
        report.invalidate_recordset()
        self.assertIn(
            "approved their own time off", report.with_user(self.supervisor).leave_note
        )
        self.assertFalse(self._covered())
        # Where a leave doesn't cover the days, a report is required.
        needed = self.model._days_to_report(self.employee, *NOVEMBER)
        self.assertIn(date(2026, 11, 12), needed[self.employee.id])
        leave.with_env(self.env).action_back_to_approval()
        leave.with_env(self.env).action_approve()
        report.invalidate_recordset()
        self.assertFalse(mine.leave_note)
        self.assertEqual(self._covered(), {date(2026, 11, 12), date(2026, 11, 13)})

    def test_unpaid_leave_reduces_the_employed_days(self):
        kind = self.env["hr.leave.type"].create(
            {"name": "Unpaid", "requires_allocation": False, "unpaid": True}
        )
        self.env["hr.leave"].create(
            {
                "holiday_status_id": kind.id,
                "employee_id": self.employee.id,
                "request_date_from": date(2026, 11, 12),
                "request_date_to": date(2026, 11, 15),
            }
        ).action_approve()
        self._approved(date_from=date(2026, 11, 9))
        days = self.model._month_days(self.employee, *NOVEMBER)[self.employee.id]
        self.assertEqual((days.scheduled, days.employed, days.unpaid), (21, 19, 2))
        self.assertEqual(days.covered, 3)
        spans = {self.employee.id: [(date(2026, 1, 1), None, False)]}
        days = self.model._month_days(self.employee, *NOVEMBER, spans)[self.employee.id]
        self.assertEqual((days.employed, days.covered, days.unpaid), (21, 5, 2))

    def test_public_holidays_are_no_workdays(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": False,
                "company_id": self.env.company.id,
                "date_from": "2026-11-03 20:00:00",
                "date_to": "2026-11-04 22:00:00",
            }
        )
        scheduled = self._scheduled()
        self.assertEqual(len(scheduled), 20)
        self.assertNotIn(date(2026, 11, 4), scheduled)

    def test_leave_of_another_employee_is_no_holiday(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Own leave",
                "resource_id": self.other_employee.resource_id.id,
                "calendar_id": self.other_employee.resource_calendar_id.id,
                "date_from": "2026-11-03 00:00:00",
                "date_to": "2026-11-05 23:00:00",
            }
        )
        self.assertEqual(len(self._scheduled()), 21)

    def test_contract_dates_prorate(self):
        hired = self._new_employee(
            self.supervisor_2,
            contract_date_start=date(2026, 11, 16),
            contract_date_end=date(2026, 11, 20),
        )
        self.assertEqual(len(self._scheduled(hired)), 21)
        self.assertEqual(len(self._employed(hired)), 5)
        no_contract = self.env["hr.employee"].create({"name": "No contract"})
        self.assertEqual(len(self._employed(no_contract)), 21)

    def test_calendar_of_a_later_version(self):
        part_time = self.env["resource.calendar"].create(
            {
                "name": "Mondays",
                "attendance_ids": [
                    Command.clear(),
                    Command.create(
                        {
                            "name": "Monday",
                            "dayofweek": "0",
                            "hour_from": 9,
                            "hour_to": 17,
                            "day_period": "morning",
                        }
                    ),
                ],
            }
        )
        self.employee.create_version(
            {"date_version": date(2026, 11, 16), "resource_calendar_id": part_time.id}
        )
        scheduled = self._scheduled()
        self.assertEqual(len([d for d in scheduled if d < date(2026, 11, 16)]), 10)
        late = {d for d in scheduled if d >= date(2026, 11, 16)}
        self.assertEqual({d.day for d in late}, {16, 23, 30})

    def test_query_count_is_constant(self):
        counts = []
        for size in (2, 20):
            employees = self.env["hr.employee"].create(
                [{"name": f"E{n}"} for n in range(size)]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.model._month_days(employees, *NOVEMBER)
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
