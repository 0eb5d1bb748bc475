"""Days: of a company, of a working calendar, of a contract, of leaves.

1. *Is it real?* Leaves that are validated; public holidays of the company or of all;
   contracts and calendars as the employee's versions say.
2. *Whose is it?* Of the employee; absent from key accounts is the employee's login.
3. *How much, when?* Whole workdays of the calendar in force on the day, in its own time
   zone. Two approved halves make a day of leave; hours don't.
4. *Who could have written it?* The employee asks for leave, and whoever the leave type
   says approves; calendars and contracts are HR's.
"""

from datetime import date, datetime, time, timedelta

from pytz import timezone, utc

from odoo import fields
from odoo.tools import SQL


# ---------------------------------------------------------------- days
def zone_name(company):
    """Time zone of a company's days: its working calendar's."""
    return company.sudo().resource_calendar_id.tz or "UTC"


def bounds(company, first, last):
    """First and last day as naive UTC moments, the end exclusive.

    A company's day begins at midnight of its own working calendar.
    """
    zone = timezone(zone_name(company))

    def at_midnight(day):
        local = zone.localize(datetime.combine(day, time.min))
        return local.astimezone(utc).replace(tzinfo=None)

    return at_midnight(first), at_midnight(last + timedelta(days=1))


def domain_days(records, fname, company, first, last):
    """Condition that a date or datetime field lies on the company's days."""
    if records._fields[fname].type == "date":
        return [(fname, ">=", first), (fname, "<=", last)]
    start, end = bounds(company, first, last)
    return [(fname, ">=", start), (fname, "<", end)]


def days_between(first, last):
    """Every day from ``first`` to ``last``."""
    for number in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(number)


# ---------------------------------------------------------------- workdays
def scheduled_days(employees, first, last):
    """Workdays by everybody's calendar, public holidays taken out.

    The number of queries depends on the number of different calendars, not of people.

    :param employees: hr.employee
    :rtype: dict[int, set[date]]
    """
    versions = _versions(employees)
    calendars = {}
    result = {}
    for employee in employees.sudo():
        days = set()
        for version, start, end in _spans(versions.get(employee.id, []), first, last):
            key = (_calendar_of(employee, version), employee.company_id)
            if key not in calendars:
                calendars[key] = _calendar_days(*key, first, last)
            days |= {day for day in calendars[key] if start <= day <= end}
        result[employee.id] = days
    return result


def employed_days(employees, scheduled):
    """The scheduled days on which somebody is under contract.

    Who has no contract dates at all counts as employed throughout: there is nothing to
    prorate by, and the month close says that the contract is missing.

    :param dict scheduled: days by employee id, as of ``scheduled_days``
    :rtype: dict[int, set[date]]
    """
    versions = _versions(employees)
    result = {}
    for employee in employees:
        contracts = {
            (version["contract_date_start"], version["contract_date_end"] or date.max)
            for version in versions.get(employee.id, [])
            if version["contract_date_start"]
        }
        result[employee.id] = {
            day
            for day in scheduled[employee.id]
            if not contracts or any(start <= day <= end for start, end in contracts)
        }
    return result


def _versions(employees):
    """Stored calendars and contract dates by employee, in order of their start.

    The stored columns: the computed dates of a version search once per version.
    """
    versions = (
        employees.env["hr.version"]
        .sudo()
        .search_fetch(
            [("employee_id", "in", employees.ids)],
            [
                "employee_id",
                "date_version",
                "resource_calendar_id",
                "contract_date_start",
                "contract_date_end",
            ],
            order="date_version",
        )
    )
    return {
        employee.id: list(group)
        for employee, group in versions.grouped("employee_id").items()
    }


def _spans(versions, first, last):
    """Which version's calendar counts from when to when; the first one also before its
    start.
    """
    if not versions:
        return [(None, first, last)]
    starts = [date.min, *(version.date_version for version in versions[1:])]
    ends = [*(start - timedelta(days=1) for start in starts[1:]), date.max]
    return [
        (version, start, end)
        for version, start, end in zip(versions, starts, ends, strict=True)
        if start <= last and end >= first
    ]


def _calendar_of(employee, version):
    own = version.resource_calendar_id if version else employee.resource_calendar_id
    return own or employee.company_id.resource_calendar_id


def _calendar_days(calendar, company, first, last):
    """Workdays of a calendar without the company's public holidays.

    Without any calendar, Monday to Friday.
    """
    if not calendar:
        return {day for day in days_between(first, last) if day.weekday() < 5}
    zone = timezone(calendar.tz or "UTC")
    start = zone.localize(datetime.combine(first, time.min))
    stop = zone.localize(datetime.combine(last, time.max))
    holidays = [
        ("time_type", "=", "leave"),
        ("resource_id", "=", False),
        ("company_id", "in", [company.id, False]),
    ]
    intervals = calendar._work_intervals_batch(start, stop, domain=holidays)
    return {begin.astimezone(zone).date() for begin, _end, _meta in intervals[False]}


# ---------------------------------------------------------------- leaves
def leave_days(employees, first, last):
    """Days an employee is on approved leave all day.

    :rtype: dict[int, set[date]]
    """
    halves = {id_: set() for id_ in employees.ids}
    leaves = (
        employees.env["hr.leave"]
        .sudo()
        .search(
            [
                ("employee_id", "in", employees.ids),
                ("state", "=", "validate"),
                ("request_unit_hours", "=", False),
                ("request_date_from", "<=", last),
                ("request_date_to", ">=", first),
            ]
        )
    )
    for leave in leaves:
        halves[leave.employee_id.id] |= _halves(leave)
    return {
        id_: {
            day
            for day, half in found
            if half == "am" and (day, "pm") in found and first <= day <= last
        }
        for id_, found in halves.items()
    }


def _halves(leave):
    first, last = leave.request_date_from, leave.request_date_to
    halves = {(day, half) for day in days_between(first, last) for half in ("am", "pm")}
    if leave.request_unit_half:
        if leave.request_date_from_period == "pm":
            halves.discard((first, "am"))
        if leave.request_date_to_period == "am":
            halves.discard((last, "pm"))
    return halves


def absence_sql(user, selected):
    """Something of a person's approved absences of this moment; trainings are work.

    :param SQL user: the login
    :param SQL selected: an aggregate over rows called ``absence``
    """
    return SQL(
        """(SELECT %(selected)s FROM hr_leave absence
              JOIN hr_leave_type kind ON kind.id = absence.holiday_status_id
             WHERE absence.user_id = %(user)s AND absence.state = 'validate'
               AND kind.time_type = 'leave'
               AND absence.date_from <= %(now)s AND absence.date_to > %(now)s)""",
        selected=selected,
        user=user,
        now=fields.Datetime.now(),
    )
