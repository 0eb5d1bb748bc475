"""Fixtures for tests of days: both managers are employees."""

from datetime import date, datetime

from odoo import Command
from odoo.addons.nka_key_accounts.models.facts import calendars

from ..common import NkaCase, new_user

NOVEMBER = date(2026, 11, 1), date(2026, 11, 30)
FRIDAY = date(2026, 11, 13)


def nov(*days):
    return {date(2026, 11, day) for day in days}


class EmployeesCase(NkaCase):
    """Both managers have been employees since 2023."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = cls._new_employee(cls.manager)
        cls.other_employee = cls._new_employee(cls.colleague)

    @classmethod
    def _new_employee(cls, user, **vals):
        return cls.env["hr.employee"].create(
            {
                "name": user.name,
                "user_id": user.id,
                "date_version": date(2023, 1, 1),
                "contract_date_start": date(2023, 1, 1),
                **vals,
            }
        )


class CalendarCase(EmployeesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.hr = new_user(cls.env, "nka_hr", "hr_holidays.group_hr_holidays_user")

    @classmethod
    def _calendar(cls, *hours, **vals):
        """Create a calendar from hours given as (weekday, period, from, to, week)."""
        return cls.env["resource.calendar"].create(
            {
                "name": "Own",
                "tz": cls.company.resource_calendar_id.tz,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": "Work",
                                "dayofweek": str(day),
                                "day_period": period,
                                "hour_from": start,
                                "hour_to": end,
                                "week_type": week[0] if week else False,
                            }
                        )
                        for day, period, start, end, *week in hours
                    ),
                ],
                **vals,
            }
        )

    @classmethod
    def _type(cls, validation="hr", **vals):
        return cls.env["hr.leave.type"].create(
            {
                "name": "Leave",
                "requires_allocation": False,
                "leave_validation_type": validation,
                **vals,
            }
        )

    def _leave(self, first, last=None, kind=None, user=None, **vals):
        """Request time off as the manager, or as another user on their behalf."""
        user = user or self.manager
        leaves = self.env["hr.leave"].with_user(user).with_context(user.env.context)
        return leaves.create(
            {
                "holiday_status_id": (kind or self._type()).id,
                "employee_id": self.employee.id,
                "request_date_from": first,
                "request_date_to": last or first,
                **vals,
            }
        )

    def _approved(self, *args, **vals):
        leave = self._leave(*args, **vals)
        leave.with_user(self.hr).action_approve()
        self.assertEqual(leave.state, "validate")
        return leave

    def _off(self, employee=None):
        employee = employee or self.employee
        return calendars.days_off(employee, *NOVEMBER)[employee.id]

    def _days(self, employee=None):
        employee = employee or self.employee
        return calendars.leave_days(employee, *NOVEMBER)[employee.id]

    def _reasons(self):
        rows = calendars.leave_rows(self.employee, *NOVEMBER)[self.employee.id]
        return [row.reason for row in rows]

    def _scheduled(self, employee=None):
        employee = employee or self.employee
        return calendars.scheduled_days(employee, *NOVEMBER)[employee.id]

    def _month(self, employee=None):
        employee = employee or self.employee
        reports = self.env["nka.work.report"]
        return reports._month_days(employee, *NOVEMBER)[employee.id]

    def _hired(self, calendar, **vals):
        return self._new_employee(
            self.supervisor_2, resource_calendar_id=calendar and calendar.id, **vals
        )

    def _holiday(self, day, start="00:00:00", end="23:59:59", user=None, **vals):
        """Create a public holiday; times are in the company's time zone."""
        zone = calendars.timezone(calendars.zone_name(self.company))

        def moment(hour):
            local = zone.localize(datetime.fromisoformat(f"{day} {hour}"))
            return local.astimezone(calendars.utc).replace(tzinfo=None)

        return (
            self.env["resource.calendar.leaves"]
            .with_user(user or self.hr)
            .create(
                {
                    "name": "Holiday",
                    "calendar_id": False,
                    "company_id": self.company.id,
                    "date_from": moment(start),
                    "date_to": moment(end),
                    **vals,
                }
            )
        )
