from datetime import date, datetime, timedelta
from decimal import Decimal

from freezegun import freeze_time

from odoo import Command
from odoo.addons.nka_key_accounts.models.facts import calendars
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import NkaCase
from .common import FRIDAY, NOVEMBER, CalendarCase, nov

#: Lengths of days: an ordinary one, and those in which the clock changes.
LENGTHS = {timedelta(hours=hours) for hours in (23, 23.5, 24, 24.5, 25)}


@tagged("nka_facts")
class TestWorkdays(CalendarCase):
    """Workdays of calendars without fixed days, and of all other calendars."""

    def test_flexible_hours_leaving_on_a_friday(self):
        """The example in docs/facts.md: 10 of 21 workdays, not 10 of 22."""
        flexible = self._calendar(
            schedule_type="flexible", hours_per_week=40, hours_per_day=8
        )
        employee = self._hired(flexible, contract_date_end=FRIDAY)
        days = self._month(employee)
        self.assertEqual((days.employed, days.scheduled), (10, 21))
        self.assertFalse(
            {day for day in self._scheduled(employee) if day.weekday() > 4}
        )

    def test_fully_flexible_and_few_hours(self):
        employee = self._hired(None, contract_date_end=FRIDAY)
        employee.resource_calendar_id = False
        self.assertEqual(self._month(employee).scheduled, 21)
        few = self._calendar(
            schedule_type="flexible", hours_per_week=20, hours_per_day=8
        )
        employee.resource_calendar_id = few
        days = self._month(employee)
        self.assertEqual((days.employed, days.scheduled), (10, 21))

    def test_company_week_applies_to_flexible_calendars(self):
        """A flexible calendar in a company that works from Sunday to Thursday."""
        self.company.resource_calendar_id = self._calendar(
            *((day, "morning", 8, 16) for day in (6, 0, 1, 2, 3))
        )
        employee = self._hired(self._calendar(schedule_type="flexible"))
        self.assertEqual(
            {day.weekday() for day in self._scheduled(employee)}, {6, 0, 1, 2, 3}
        )

    def test_flexible_company_works_monday_to_friday(self):
        self.company.resource_calendar_id.schedule_type = "flexible"
        self.assertEqual(len(self._scheduled()), 21)

    def test_flexible_calendar_in_another_time_zone_with_a_holiday(self):
        flexible = self._calendar(schedule_type="flexible", tz="Pacific/Auckland")
        employee = self._hired(flexible)
        self._holiday(date(2026, 11, 4))
        self.assertEqual(len(self._scheduled(employee)), 20)
        self.assertNotIn(date(2026, 11, 4), self._scheduled(employee))

    def test_holidays_count_by_local_day_everywhere(self):
        """An employee in New York has the whole of the company's holiday off."""
        hours = [(day, "morning", 8, 17) for day in range(5)]
        employee = self._hired(self._calendar(*hours, tz="America/New_York"))
        self._holiday(date(2026, 11, 4))
        self.assertEqual(self._scheduled(employee), self._scheduled())
        self.assertEqual(len(self._scheduled(employee)), 20)

    def test_half_day_holiday_leaves_half_a_workday(self):
        self._holiday(date(2026, 11, 4), start="12:30:00")
        self.assertIn(date(2026, 11, 4), self._scheduled())
        # Only the morning of the day remains.
        self._approved(
            date(2026, 11, 4),
            kind=self._type(request_unit="half_day"),
            request_date_from_period="am",
            request_date_to_period="am",
        )
        self.assertEqual(self._days(), nov(4))

    def test_holiday_to_the_last_second_of_a_late_shift(self):
        employee = self._hired(self._calendar((2, "afternoon", 16, 24)))
        self.assertEqual(self._scheduled(employee), nov(4, 11, 18, 25))
        self._holiday(date(2026, 11, 4))
        self.assertEqual(self._scheduled(employee), nov(11, 18, 25))

    def test_night_shift_counts_for_the_day_it_begins(self):
        nights = [(day, "afternoon", 22, 24) for day in range(5)]
        mornings = [(day, "morning", 0, 6) for day in range(1, 6)]
        employee = self._hired(self._calendar(*nights, *mornings))
        self.assertEqual(self._scheduled(employee), self._scheduled())
        self._holiday(date(2026, 11, 4))
        self.assertEqual(self._scheduled(employee), self._scheduled())
        around = [(day, "full_day", 0, 24) for day in range(7)]
        employee.resource_calendar_id = self._calendar(*around)
        self.assertEqual(len(self._scheduled(employee)), 29)

    def test_two_weeks(self):
        """Odd weeks work on Monday, even weeks on Tuesday."""
        calendar = self._calendar(two_weeks_calendar=True)
        calendar.attendance_ids = [
            Command.create(
                {
                    "name": "Work",
                    "dayofweek": day,
                    "week_type": week,
                    "hour_from": 8,
                    "hour_to": 16,
                }
            )
            for week, day in (("0", "0"), ("1", "1"))
        ]
        days = self._scheduled(self._hired(calendar))
        weeks = self.env["resource.calendar.attendance"].get_week_type
        self.assertEqual(
            days, {day for day in nov(*range(1, 31)) if day.weekday() == weeks(day)}
        )

    def test_holiday_of_another_calendar_or_company(self):
        other = self._calendar((0, "morning", 8, 12))
        self._holiday(date(2026, 11, 4), calendar_id=other.id)
        stranger = self.env["res.company"].create({"name": "Stranger"})
        foreign = self.env["resource.calendar"].create(
            {"name": "Theirs", "company_id": stranger.id}
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Theirs",
                "calendar_id": foreign.id,
                "date_from": "2026-11-04 23:00:00",
                "date_to": "2026-11-06 22:00:00",
            }
        )
        self.assertEqual(len(self._scheduled()), 21)

    def test_query_count_is_constant(self):
        counts = []
        for size in (2, 30):
            week = [(day, "morning", 8, 12) for day in range(5)]
            employees = self.env["hr.employee"].create(
                [
                    {
                        "name": f"E{size}-{n}",
                        "resource_calendar_id": self._calendar(*week).id,
                    }
                    for n in range(size)
                ]
            )
            kind = self._type()
            leaves = self.env["hr.leave"].create(
                [
                    {
                        "holiday_status_id": kind.id,
                        "employee_id": employee.id,
                        "request_date_from": FRIDAY,
                        "request_date_to": FRIDAY,
                    }
                    for employee in employees
                ]
            )
            leaves.action_approve()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["nka.work.report"]._month_days(employees, *NOVEMBER)
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])


@tagged("nka_facts")
class TestHolidaysForAll(CalendarCase):
    """Public holidays entered by users without the right, or for their own benefit."""

    def _own_entry(self, user=None, **vals):
        user = user or self.manager
        entries = self.env["resource.calendar.leaves"].with_user(user)
        return entries.create(
            {
                "name": "My records",
                "resource_id": self.employee.resource_id.id,
                "date_from": "2026-11-03 23:00:00",
                "date_to": "2026-11-04 22:59:59",
                **vals,
            }
        )

    def test_own_entry_turned_into_a_public_holiday(self):
        entry = self._own_entry()
        entry.write({"resource_id": False, "calendar_id": False})
        self.assertEqual(len(self._scheduled()), 21)
        self.assertEqual(len(self._scheduled(self.other_employee)), 21)
        entry.with_user(self.hr).write({"date_to": "2026-11-04 22:59:58"})
        self.assertEqual(len(self._scheduled()), 20)

    def test_entry_of_a_machine_turned_into_a_public_holiday(self):
        machine = self.env["resource.resource"].create(
            {"name": "Lift", "resource_type": "material"}
        )
        entry = self._own_entry(resource_id=machine.id)
        entry.write({"resource_id": False})
        self.assertEqual(len(self._scheduled()), 21)

    def test_time_off_of_a_deleted_resource_is_no_holiday(self):
        machine = self.env["resource.resource"].create({"name": "Old lift"})
        self._own_entry(self.hr, resource_id=machine.id)
        machine.unlink()
        self.assertEqual(len(self._scheduled()), 21)

    def test_hr_user_cannot_benefit_from_their_own_entry(self):
        """For an HR user under a pay plan the entry doesn't count; for everyone else it
        does.
        """
        self.manager.group_ids += self.env.ref("hr_holidays.group_hr_holidays_user")
        entry = self._own_entry(resource_id=False, calendar_id=False)
        self.assertEqual(len(self._scheduled()), 21)
        self.assertEqual(len(self._scheduled(self.other_employee)), 20)
        entry.with_user(self.hr).write({"date_to": "2026-11-04 22:59:58"})
        self.assertEqual(len(self._scheduled()), 20)

    def test_earlier_holidays_are_judged_by_their_author(self):
        good = self._own_entry(self.hr, resource_id=False, calendar_id=False)
        bad = self._own_entry(
            date_from="2026-11-05 08:00:00", date_to="2026-11-05 20:00:00"
        )
        bad.write({"resource_id": False, "calendar_id": False})
        self.env["nka.holiday.entry"].search([]).unlink()
        self.assertEqual(self._scheduled(), self._scheduled(self.other_employee))
        self.assertNotIn(date(2026, 11, 4), self._scheduled())
        self.assertIn(date(2026, 11, 5), self._scheduled())
        self.assertTrue(good)

    def test_approved_leave_that_loses_its_owner(self):
        leave = self._approved(date(2026, 11, 4))
        entries = self.env["resource.calendar.leaves"]
        entry = entries.search([("holiday_id", "=", leave.id)])
        entry.with_user(self.manager).write({"resource_id": False})
        entry.exists().with_user(self.hr).write({"calendar_id": False})
        self.assertEqual(len(self._scheduled(self.other_employee)), 21)
        self.assertEqual(self._days(), nov(4))

    def test_holiday_does_not_approve_leave(self):
        """Odoo re-approves leaves around a holiday in the name of the user who entered
        it.
        """
        forged = self._leave(date(2026, 11, 3), date(2026, 11, 5))
        forged.with_context(leave_fast_create=True).write({"state": "validate"})
        self._holiday(date(2026, 11, 4))
        self.assertFalse(self._days())
        self.assertEqual(self._reasons(), ["own_approval"])

    def test_holiday_keeps_an_approval(self):
        leave = self._approved(date(2026, 11, 3), date(2026, 11, 5))
        self.manager.group_ids += self.env.ref("hr_holidays.group_hr_holidays_user")
        self._holiday(date(2026, 11, 4), user=self.manager)
        self.assertEqual(leave.state, "validate")
        self.assertEqual(self._days(), nov(3, 4, 5))


@tagged("nka_facts")
class TestLeaves(CalendarCase):
    """Which part of a workday a leave takes, and who can make it count."""

    # ------------------------------------------------------------ approver
    def test_approved_by_hr(self):
        self._approved(date(2026, 11, 12), FRIDAY)
        self.assertEqual(self._days(), nov(12, 13))
        self.assertEqual(self._reasons(), [""])

    def test_not_approved_yet(self):
        self._leave(FRIDAY)
        self.assertFalse(self._days())
        self.assertEqual(self._reasons(), ["pending"])

    def test_set_to_approved_through_the_context(self):
        leave = self._leave(FRIDAY)
        leave.with_context(leave_fast_create=True).write({"state": "validate"})
        self.assertEqual(leave.state, "validate")
        self.assertFalse(self._days())
        self.assertEqual(self._reasons(), ["own_approval"])

    def test_approver_fields_written_by_the_employee(self):
        """Odoo lets the employee write the fields that name the approver."""
        boss = self._new_employee(self.supervisor_2)
        leave = self._leave(FRIDAY)
        leave.with_context(leave_fast_create=True).write(
            {
                "first_approver_id": boss.id,
                "second_approver_id": boss.id,
                "state": "validate",
            }
        )
        self.assertEqual(self._reasons(), ["own_approval"])

    def test_created_as_approved(self):
        with self.refused((AccessError, UserError)):
            self._leave(FRIDAY, state="validate")
        self.assertFalse(self._days())

    def test_own_superior_and_own_officer(self):
        """Employees who are their own approver in Odoo or work in HR need another
        approver.
        """
        self.employee.leave_manager_id = self.manager
        leave = self._leave(FRIDAY, kind=self._type("manager"))
        leave.action_approve()
        self.assertEqual(leave.state, "validate")
        self.manager.group_ids += self.env.ref("hr_holidays.group_hr_holidays_manager")
        second = self._leave(date(2026, 11, 12))
        second.action_approve()
        self.manager = self.manager.with_context(leave_skip_state_check=True)
        third = self._leave(date(2026, 11, 11), state="validate")
        self.assertEqual((leave + second + third).mapped("state"), ["validate"] * 3)
        self.assertFalse(self._days())
        self.assertEqual(self._reasons(), ["own_approval"] * 3)

    def test_both_approvals(self):
        kind = self._type("both")
        self.employee.leave_manager_id = self.supervisor_2
        leave = self._leave(FRIDAY, kind=kind)
        leave.with_user(self.supervisor_2).action_approve()
        self.assertEqual(self._reasons(), ["pending"])
        leave.with_user(self.hr).action_approve()
        self.assertEqual(self._days(), nov(13))

    def test_type_without_approval(self):
        leave = self._leave(FRIDAY, kind=self._type("no_validation"))
        self.assertEqual(leave.state, "validate")
        self.assertEqual(self._days(), nov(13))

    def test_type_cannot_be_freed_through_a_leave(self):
        kind = self._type()
        with self.refused(AccessError):
            self._leave(FRIDAY, kind=kind, validation_type="no_validation")
        leave = self._leave(FRIDAY, kind=kind)
        with self.refused(AccessError):
            leave.write({"validation_type": "no_validation"})
            self.env.flush_all()
        self.assertEqual(kind.leave_validation_type, "hr")

    def test_type_freed_later(self):
        """Removing approval from a type doesn't approve its earlier leaves."""
        kind = self._type()
        leave = self._leave(FRIDAY, kind=kind)
        leave.with_context(leave_fast_create=True).write({"state": "validate"})
        kind.leave_validation_type = "no_validation"
        self.assertFalse(self._days())

    def test_changed_by_the_employee_after_approval(self):
        """The approved leave counts, not what the employee changed it to."""
        leave = self._approved(date(2026, 11, 12), FRIDAY)
        self.manager.group_ids += self.env.ref("hr_holidays.group_hr_holidays_manager")
        leave.with_user(self.manager).with_context(
            leave_skip_state_check=True, leave_skip_date_check=True
        ).write({"request_date_to": date(2026, 11, 27)})
        self.assertEqual(self._days(), nov(12, 13))
        self.assertEqual(self._reasons(), ["changed"])
        leave.with_user(self.hr).with_context(leave_skip_state_check=True).write(
            {"request_date_to": date(2026, 11, 17)}
        )
        self.assertEqual(self._days(), nov(12, 13, 16, 17))
        self.assertEqual(self._reasons(), [""])

    def test_leave_of_a_colleague_reassigned_to_oneself(self):
        theirs = self._approved(
            FRIDAY, employee_id=self.other_employee.id, user=self.hr
        )
        self.manager.group_ids += self.env.ref("hr_holidays.group_hr_holidays_manager")
        theirs.with_user(self.manager).with_context(leave_skip_state_check=True).write(
            {"employee_id": self.employee.id}
        )
        self.assertFalse(self._days())
        self.assertEqual(self._reasons(), ["own_approval"])

    def test_refusing_costs_one_query(self):
        leave = self._approved(FRIDAY)
        self.env.flush_all()
        approvals = self.env["nka.leave.approval"]
        with self.assertQueryCount(1):
            approvals._withdraw(leave)
        self.assertTrue(approvals.search([]).is_withdrawn)

    def test_reset_and_approved_by_the_employee(self):
        leave = self._approved(FRIDAY)
        leave.with_user(self.hr).action_back_to_approval()
        leave.with_user(self.manager).with_context(leave_fast_create=True).write(
            {"state": "validate"}
        )
        self.assertFalse(self._days())
        self.assertEqual(self._reasons(), ["own_approval"])

    def test_refused_or_cancelled(self):
        first = self._approved(FRIDAY)
        second = self._approved(date(2026, 11, 12))
        first.with_user(self.hr).action_refuse()
        second._force_cancel("Not needed")
        self.assertFalse(self._days())
        self.assertFalse(self._reasons())

    def test_approved_before_approvals_were_recorded(self):
        good, bad = self._approved(FRIDAY), self._leave(date(2026, 11, 12))
        bad.with_context(leave_fast_create=True).write({"state": "validate"})
        bad.flush_recordset()
        self.env["nka.leave.approval"].search([]).unlink()
        self.assertEqual(self._days(), nov(13))
        self.assertEqual(self._reasons(), ["", "own_approval"])
        # The approval is recorded before the leave is changed.
        good.sudo().with_user(self.hr).with_context(leave_skip_state_check=True).write(
            {"request_date_to": date(2026, 11, 16)}
        )
        self.assertEqual(self._days(), nov(13, 16))

    def test_approvals_cannot_be_written(self):
        leave = self._leave(FRIDAY)
        for user in (self.manager, self.hr, self.officer, self.supervisor):
            with self.refused(AccessError):
                self.env["nka.leave.approval"].with_user(user).create(
                    {
                        "leave_id": leave.id,
                        "employee_id": self.employee.id,
                        "user_id": self.hr.id,
                        "holiday_status_id": leave.holiday_status_id.id,
                    }
                )

    def test_approval_costs_one_query(self):
        leave = self._leave(FRIDAY)
        self.env.flush_all()
        approvals = self.env["nka.leave.approval"]
        approvals._record(leave)
        with self.assertQueryCount(1):
            approvals._record(leave)
            self.env.flush_all()

    # ------------------------------------------------------------ extent
    def _unpaid(self, **vals):
        return self._type(unpaid=True, **vals)

    def _shares(self):
        return {day.day: (off.part, off.unpaid) for day, off in self._off().items()}

    def test_half_days(self):
        kind = self._unpaid(request_unit="half_day")
        half = {"request_date_from_period": "am", "request_date_to_period": "am"}
        self._approved(FRIDAY, kind=kind, **half)
        self.assertEqual(self._shares(), {13: (Decimal("0.5"), Decimal("0.5"))})
        half = {"request_date_from_period": "pm", "request_date_to_period": "pm"}
        self._approved(FRIDAY, kind=self._type(request_unit="half_day"), **half)
        self.assertEqual(self._shares(), {13: (1, Decimal("0.5"))})
        self.assertEqual(self._days(), nov(13))

    def test_hours(self):
        kind = self._unpaid(request_unit="hour")
        self._approved(FRIDAY, kind=kind, request_hour_from=8, request_hour_to=10)
        self.assertEqual(self._shares(), {13: (Decimal("0.25"), Decimal("0.25"))})
        # Together with the rest of the day it covers the whole day; the break doesn't
        # count.
        self._approved(FRIDAY, kind=kind, request_hour_from=10, request_hour_to=17)
        self.assertEqual(self._shares(), {13: (1, 1)})

    def test_part_time_morning(self):
        """A leave for a whole workday that consists of a morning."""
        calendar = self._calendar(
            *((day, "morning", 8, 12) for day in range(5)),
            *((day, "afternoon", 13, 17) for day in range(4)),
        )
        self.employee.resource_calendar_id = calendar
        self._approved(
            FRIDAY,
            kind=self._unpaid(request_unit="half_day"),
            request_date_from_period="am",
            request_date_to_period="am",
        )
        self.assertEqual(self._shares(), {13: (1, 1)})
        days = self._month()
        self.assertEqual((days.scheduled, days.employed, days.unpaid), (21, 20, 1))

    def test_leave_on_days_off_and_holidays_takes_nothing(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": False,
                "date_from": "2026-11-12 23:00:00",
                "date_to": "2026-11-13 22:59:59",
            }
        )
        self._approved(date(2026, 11, 12), date(2026, 11, 16), kind=self._unpaid())
        days = self._month()
        self.assertEqual((days.scheduled, days.employed, days.unpaid), (20, 18, 2))

    def test_later_of_two_leaves_counts(self):
        kind = self._unpaid(allow_request_on_top=True, time_type="other")
        self._approved(date(2026, 11, 9), FRIDAY, kind=kind)
        self._approved(date(2026, 11, 11))
        days = self._month()
        self.assertEqual((days.employed, days.covered, days.unpaid), (17, 1, 4))

    def test_self_approved_unpaid_leave_takes_nothing(self):
        leave = self._leave(FRIDAY, kind=self._unpaid())
        leave.with_context(leave_fast_create=True).write({"state": "validate"})
        days = self._month()
        self.assertEqual((days.employed, days.covered, days.unpaid), (21, 0, 0))

    def test_unpaid_leave_changed_to_paid_by_the_employee_stays_unpaid(self):
        leave = self._approved(date(2026, 11, 12), FRIDAY, kind=self._unpaid())
        self.manager.group_ids += self.env.ref("hr_holidays.group_hr_holidays_manager")
        own = leave.with_user(self.manager).with_context(leave_skip_state_check=True)
        own.write({"holiday_status_id": self._type().id})
        self.assertEqual(self._month().unpaid, 2)
        own.write({"request_date_from": FRIDAY})
        self.assertEqual(self._month().unpaid, 2)
        self.assertEqual(self._reasons(), ["changed"])

    def test_near_midnight_in_another_zone(self):
        """The requested days count, whatever the employee's time zone."""
        self.employee.tz = "Pacific/Honolulu"
        self.manager.tz = "Pacific/Auckland"
        self._approved(date(2026, 11, 30), date(2026, 12, 1))
        self.assertEqual(self._days(), nov(30))

    def test_flexible_hours(self):
        self.employee.resource_calendar_id = self._calendar(
            schedule_type="flexible", hours_per_week=40, hours_per_day=8
        )
        self._approved(FRIDAY, date(2026, 11, 16), kind=self._unpaid())
        days = self._month()
        self.assertEqual((days.scheduled, days.employed, days.unpaid), (21, 19, 2))


class TestNightsOfClockChanges(NkaCase):
    """Days of a company in nights in which the clock is changed."""

    ZONES = (
        "Europe/Berlin",
        "America/Sao_Paulo",
        "America/Havana",
        "Asia/Beirut",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Pacific/Kiritimati",
    )

    def _in(self, zone):
        self.env.company.resource_calendar_id.tz = zone
        return self.env.company

    def test_every_moment_belongs_to_one_day(self):
        """A day begins right after the one before, also where midnight doesn't exist or
        comes twice."""
        days = [date(2018, 1, 1) + timedelta(number) for number in range(366 * 2)]
        for zone in self.ZONES:
            company = self._in(zone)
            for day in days:
                start, end = calendars.bounds(company, day, day)
                last = end - timedelta(seconds=1)
                found = (
                    calendars.local_day(company, start),
                    calendars.local_day(company, last),
                )
                self.assertEqual(found, (day, day), (zone, day))
                self.assertIn(end - start, LENGTHS, (zone, day))

    def test_python_and_database_agree_on_the_day(self):
        """Meetings are counted by SQL, orders and time off in Python."""
        moments = [
            datetime(2026, month, day, hour, minute)
            for month, day in ((3, 28), (3, 29), (4, 4), (10, 24), (10, 25), (10, 31))
            for hour in range(24)
            for minute in (0, 29, 30, 59)
        ]
        for zone in self.ZONES:
            company = self._in(zone)
            self.cr.execute(
                """SELECT (moment AT TIME ZONE 'UTC' AT TIME ZONE %s)::date
                     FROM unnest(%s) WITH ORDINALITY AS t(moment, number)
                    ORDER BY number""",
                [zone, moments],
            )
            found = [day for (day,) in self.cr.fetchall()]
            self.assertEqual(
                found, [calendars.local_day(company, moment) for moment in moments]
            )

    def test_today_is_the_company_s(self):
        """Neither the user's time zone nor a forged context decides."""
        self.manager.tz = "Pacific/Kiritimati"
        company = self._in("America/Los_Angeles").with_user(self.manager)
        with freeze_time("2025-11-30 20:00:00"):
            ahead = company.with_context(tz="Pacific/Kiritimati")
            self.assertEqual(calendars.today(ahead), date(2025, 11, 30))
            self._in("Pacific/Kiritimati")
            self.assertEqual(calendars.today(ahead), date(2025, 12, 1))
