"""Days of companies, working calendars, contracts and time off.

1. *Is it real?* Validated time off; public holidays of the company or of all companies;
   contracts and calendars as stored in the employee's versions.
2. *Whose is it?* The employee's. Time off from key accounts is that of the employee's
   user.
3. *How much, when?* Workdays of the calendar in force on the day, in the time zone of
   that calendar; for a flexible calendar, the days of the company's week. Time off
   covers what was requested: whole days, half-days, or hours of the workday.
4. *Who could have written it?* Time off counts if another user approved it or its type
   requires no approval (:mod:`.nka_leave_approval`). HR enters public holidays, and a
   holiday that an employee entered doesn't count for themselves
   (:mod:`.nka_holiday_entry`). HR maintains contracts and calendars.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from pytz import timezone, utc

from odoo import fields
from odoo.tools import SQL, LazyTranslate, get_lang
from odoo.tools.misc import babel_locale_parse

_lt = LazyTranslate(__name__)

#: Default if neither the calendar nor the company defines hours: Monday to Friday.
PLAIN_HOURS = (("am", 8.0, 12.0), ("pm", 13.0, 17.0))
PLAIN_WEEK = {(week, day): PLAIN_HOURS for week in (0, 1) for day in range(5)}
NOON, MIDNIGHT = 12.0, 24.0
#: Shorter remainders of a workday, as after a holiday that ends at 23:59:59, don't
#: count.
LEAST_HOURS = 1 / 60
#: Precision of parts of a day.
DAY_PART = Decimal("0.0001")

#: Reasons why time off doesn't count, as shown to users.
REASONS = {
    "pending": _lt("The time off isn't approved yet."),
    "own_approval": _lt(
        "The person approved their own time off. Their superior or HR has to approve "
        "it."
    ),
    "changed": _lt(
        "The person changed the time off after it was approved. The approved days "
        "count; their superior or HR has to approve the rest."
    ),
}


# ---------------------------------------------------------------- days
def zone_name(company):
    """Return the time zone of a company's days: its working calendar's, else UTC."""
    return company.sudo().resource_calendar_id.tz or "UTC"


def bounds(company, first, last):
    """Return the naive UTC start of ``first`` and end of ``last``, end exclusive.

    A company's day begins at midnight in the time zone of its working calendar.

    :param company: res.company
    :rtype: tuple[datetime, datetime]
    """
    # Where clocks are set back at midnight, ``ZoneInfo`` takes the first of both.
    zone = ZoneInfo(zone_name(company))

    def at_midnight(day):
        local = datetime.combine(day, time.min, zone)
        return local.astimezone(utc).replace(tzinfo=None)

    return at_midnight(first), at_midnight(last + timedelta(days=1))


def local_day(company, moment):
    """Return the company's day of a naive UTC moment."""
    return _local(moment, timezone(zone_name(company))).date()


def today(company):
    """Return the day that it is in a company, wherever the user or the server is."""
    return local_day(company, fields.Datetime.now())


def domain_days(records, fname, company, first, last):
    """Return the condition that a date or datetime field lies on days of the company.

    :param str fname: a field of ``records``
    :rtype: list[tuple]
    """
    if records._fields[fname].type == "date":
        return [(fname, ">=", first), (fname, "<=", last)]
    start, end = bounds(company, first, last)
    return [(fname, ">=", start), (fname, "<", end)]


def days_between(first, last):
    """Yield every day from ``first`` to ``last``, both included."""
    for number in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(number)


# ---------------------------------------------------------------- workdays
def scheduled_days(employees, first, last):
    """Return the workdays of each employee by their calendar, without public holidays.

    :param employees: hr.employee
    :rtype: dict[int, set[date]]
    """
    found = working_hours(employees, first, last)
    return {id_: set(days) for id_, days in found.items()}


def working_hours(employees, first, last):
    """Return the hours of every workday by half-day, without public holidays.

    The number of queries depends neither on employees nor on calendars.

    :param employees: hr.employee
    :return: by employee id and day, ``{half: [(hour from, hour to)]}`` with the halves
        ``am`` and ``pm`` that are worked
    :rtype: dict[int, dict[date, dict]]
    """
    employees = employees.sudo()
    versions = _versions(employees)
    spans = {
        employee: [
            (_calendar_of(employee, version), start, end)
            for version, start, end in _spans(
                versions.get(employee.id, []), first, last
            )
        ]
        for employee in employees
    }
    weeks = _Weeks(employees, {row[0] for rows in spans.values() for row in rows})
    holidays = _Holidays(employees, first, last)
    calendars, result = {}, {}
    for employee, rows in spans.items():
        company, login = employee.company_id, holidays.maker(employee)
        days = {}
        for calendar, start, end in rows:
            key = calendar, company, login
            if key not in calendars:
                calendars[key] = _calendar_days(weeks, holidays, *key, first, last)
            days |= {
                day: hours
                for day, hours in calendars[key].items()
                if start <= day <= end
            }
        result[employee.id] = days
    return result


def employed_days(employees, scheduled):
    """Return the scheduled days on which employees are under contract.

    Employees without any contract dates count as employed throughout: there is nothing
    to prorate by, and the month-end close reports the missing contract.

    :param dict scheduled: days by employee id, from ``scheduled_days``
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


def contract_spans(employees):
    """Return first and last day of the contracts by employee id; the last day is None
    while one is open-ended.

    :param employees: hr.employee
    :rtype: dict[int, list[tuple[date, date | None]]]
    """
    return {
        employee_id: [
            (row["contract_date_start"], row["contract_date_end"] or None)
            for row in rows
            if row["contract_date_start"]
        ]
        for employee_id, rows in _versions(employees).items()
    }


def _versions(employees):
    """Return calendars and contract dates by employee id, ordered by start date.

    Reads the stored columns, because the computed dates search once per version.
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
    """Return (version, first day, last day) for the versions in force within a span.

    The first version also applies to days before its start.
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
    """Return the calendar in force; an empty one if the hours are fully flexible."""
    return (version or employee).resource_calendar_id


class _Weeks:
    """Weekly hours of all calendars involved, read at once.

    Flexible calendars, and employees without a calendar, work on the days of the
    company's week; if that is flexible too, from Monday to Friday.
    """

    def __init__(self, employees, calendars):
        self.own = employees.env["resource.calendar"].union(
            *calendars, employees.company_id.resource_calendar_id
        )
        attendances = (
            self.own.env["resource.calendar.attendance"]
            .sudo()
            .search_fetch(
                [
                    ("calendar_id", "in", self.own.ids),
                    ("display_type", "=", False),
                    ("day_period", "!=", "lunch"),
                ],
                [
                    "calendar_id",
                    "dayofweek",
                    "week_type",
                    "day_period",
                    "hour_from",
                    "hour_to",
                ],
            )
        )
        self.get_week_type = attendances.get_week_type
        self.hours = {
            calendar: _hours_of_week(calendar, own)
            for calendar, own in attendances.grouped("calendar_id").items()
        }

    def calendars(self, calendar, company):
        """Return the calendar and, if it is flexible, that of the company as well."""
        if calendar and not calendar.flexible_hours:
            return calendar
        return calendar | company.resource_calendar_id

    def of(self, calendar, company):
        """Return the hours by week and weekday of a calendar in a company."""
        if calendar and not calendar.flexible_hours:
            return self.hours.get(calendar, {})
        common = company.resource_calendar_id
        return (not common.flexible_hours and self.hours.get(common)) or PLAIN_WEEK


def _hours_of_week(calendar, attendances):
    week = defaultdict(list)
    for attendance in attendances:
        kinds = (int(attendance.week_type),) if calendar.two_weeks_calendar else (0, 1)
        for kind in kinds:
            week[kind, int(attendance.dayofweek)] += _halves_of(attendance)
    return {
        key: own
        for key, hours in week.items()
        if (own := _without_night(hours, week.get(_day_before(*key), ())))
    }


def _without_night(hours, before):
    """Return the hours of a day without the end of a shift from the day before.

    A calendar stores a night shift as two lines, until and from midnight. It belongs to
    the day on which it begins.
    """
    runs_on = any(end >= MIDNIGHT - LEAST_HOURS for _half, _start, end in before)
    return tuple(
        (half, start, end)
        for half, start, end in hours
        if not (runs_on and start < LEAST_HOURS and end <= NOON)
    )


def _day_before(week, weekday):
    return (week if weekday else 1 - week), (weekday - 1) % 7


def _halves_of(attendance):
    """Return an attendance as (half, from, to) rows; full days split at noon."""
    start, end = attendance.hour_from, attendance.hour_to
    if attendance.day_period == "full_day":
        parts = [("am", start, min(end, NOON)), ("pm", max(start, NOON), end)]
    else:
        half = "am" if attendance.day_period == "morning" else "pm"
        parts = [(half, start, end)]
    return [part for part in parts if part[1] < part[2]]


class _Holidays:
    """Public holidays entered by HR, in the time zone of their calendar or company."""

    def __init__(self, employees, first, last):
        self.entries = employees.env["nka.holiday.entry"]._of_companies(
            employees.company_id, first, last
        )
        makers = {entry.user_id for entries in self.entries for entry in entries}
        self.makers = {user.id for user in makers}

    def maker(self, employee):
        """Return the employee's user id if they entered a holiday, else False."""
        login = employee.user_id.id
        return login if login in self.makers else False

    def of(self, calendars, company, login):
        """Return the holidays as (from, to) in local time.

        :param calendars: resource.calendar whose holidays count
        :param int login: user id of an employee who entered a holiday; entries of this
            user don't count
        """
        found = []
        for entries in self.entries:
            entry = next((row for row in entries if row.user_id.id != login), None)
            if (
                entry
                and entry.company_id in (company, company.browse())
                and (not entry.calendar_id or entry.calendar_id in calendars)
            ):
                zone = timezone(entry.calendar_id.tz or zone_name(company))
                found.append(
                    (_local(entry.date_from, zone), _local(entry.date_to, zone))
                )
        return found


def _local(moment, zone):
    return utc.localize(moment).astimezone(zone).replace(tzinfo=None)


def _calendar_days(weeks, holidays, calendar, company, login, first, last):
    """Return the workdays of a calendar with their hours, without public holidays."""
    week = weeks.of(calendar, company)
    off = holidays.of(weeks.calendars(calendar, company), company, login)
    days = {}
    for day in days_between(first, last):
        hours = week.get((weeks.get_week_type(day), day.weekday()), ())
        worked = _without(day, hours, off)
        if worked:
            days[day] = MappingProxyType(worked)
    return days


def _without(day, hours, off):
    """Return the hours of a day outside of holidays, by half-day."""
    midnight = datetime.combine(day, time.min)
    taken = [
        ((start - midnight) / timedelta(hours=1), (end - midnight) / timedelta(hours=1))
        for start, end in off
    ]
    worked = {}
    for half, start, end in hours:
        for rest in _cut((start, end), taken):
            worked.setdefault(half, []).append(rest)
    return worked


def _cut(span, taken):
    """Return the parts of a span of hours outside of the spans ``taken``."""
    rest = [span]
    for start, end in taken:
        rest = [
            part
            for low, high in rest
            for part in ((low, min(high, start)), (max(low, end), high))
            if part[1] - part[0] > LEAST_HOURS
        ]
    return rest


# ---------------------------------------------------------------- time off
@dataclass(frozen=True, slots=True)
class Asked:
    """Requested or approved time off: days, half-days or hours."""

    request_date_from: date
    request_date_to: date
    request_date_from_period: str
    request_date_to_period: str
    request_unit_half: bool
    request_unit_hours: bool
    request_hour_from: float
    request_hour_to: float
    is_unpaid: bool

    @classmethod
    def of(cls, record):
        """Return the request stored in a record.

        :param record: hr.leave or nka.leave.approval
        """
        values = {name: record[name] for name in ASKED}
        return cls(**values, is_unpaid=record.holiday_status_id.unpaid)


#: Fields that time off and its approvals have in common.
ASKED = tuple(name for name in Asked.__slots__ if name != "is_unpaid")


@dataclass(frozen=True, slots=True)
class LeaveRow:
    """One time off record of an employee, and how much of it counts.

    :param leave_id: id of hr.leave
    :param first: first day requested
    :param last: last day requested
    :param reason: key of ``REASONS`` why not all of it counts, or empty
    :param is_unpaid: whether the days that count are unpaid
    :param counted: part of each workday that counts, 0 to 1, by day and half-day
    """

    leave_id: int
    employee_id: int
    first: date
    last: date
    reason: str
    is_unpaid: bool
    counted: dict

    @property
    def days(self):
        """Return the first and last day, or the only one."""
        return dict.fromkeys((self.first, self.last))


@dataclass(slots=True)
class DayOff:
    """Time off of one workday that counts.

    :param part: part of the workday, 0 to 1
    :param unpaid: part of the workday that is unpaid, 0 to 1
    :param leave_ids: ids of the unpaid hr.leave records
    """

    part: Decimal = Decimal(0)
    unpaid: Decimal = Decimal(0)
    leave_ids: set = field(default_factory=set)


def leave_rows(employees, first, last, hours=None):
    """Return time off of employees with a day in a span, and why some doesn't count.

    The number of queries doesn't depend on employees or time off.

    :param employees: hr.employee
    :param dict hours: result of :func:`working_hours`, if known already
    :return: by employee id, in the order in which it was entered
    :rtype: dict[int, list[LeaveRow]]
    """
    hours = hours or working_hours(employees, first, last)
    rows = {id_: [] for id_ in employees.ids}
    approvals = employees.env["nka.leave.approval"].sudo()
    for leave, approved, reason in approvals._judge(employees, first, last):
        days = hours[leave.employee_id.id]
        counted = _parts(approved, days) if approved else {}
        if reason and counted and not approved.is_unpaid:
            # Cancelled days aren't time off. Shortening unpaid time off needs an
            # approval as well.
            counted = _smaller(counted, _parts(Asked.of(leave), days))
        rows[leave.employee_id.id].append(
            LeaveRow(
                leave.id,
                leave.employee_id.id,
                leave.request_date_from,
                leave.request_date_to,
                reason,
                bool(approved and approved.is_unpaid),
                counted,
            )
        )
    return rows


def days_off(employees, first, last, hours=None, rows=None):
    """Return the time off of each workday that counts, and how much of it is unpaid.

    If two records cover the same hours, the later one applies: Odoo accepts requests on
    top of earlier ones.

    :param dict hours: result of :func:`working_hours`, if known already
    :param dict rows: result of :func:`leave_rows`, if known already
    :rtype: dict[int, dict[date, DayOff]]
    """
    hours = hours or working_hours(employees, first, last)
    rows = rows or leave_rows(employees, first, last, hours)
    return {id_: _add_up(rows[id_], hours[id_]) for id_ in employees.ids}


def leave_days(employees, first, last):
    """Return the workdays fully covered by time off that counts.

    :rtype: dict[int, set[date]]
    """
    return {
        id_: {day for day, off in days.items() if off.part == 1}
        for id_, days in days_off(employees, first, last).items()
    }


def _add_up(rows, hours):
    result = {}
    parts = defaultdict(list)
    for row in rows:
        for key, part in row.counted.items():
            parts[key].append((row, part))
    for (day, _half), found in parts.items():
        off = result.setdefault(day, DayOff())
        size = Decimal(len(hours[day]))
        left = Decimal(1)
        for row, part in reversed(found):
            taken = min(left, part)
            left -= taken
            off.part += taken / size
            if row.is_unpaid and taken:
                off.unpaid += taken / size
                off.leave_ids.add(row.leave_id)
    for off in result.values():
        off.part, off.unpaid = _rounded(off.part), _rounded(off.unpaid)
    return result


def _rounded(part):
    return part.quantize(DAY_PART, ROUND_HALF_UP).normalize()


def _smaller(one, other):
    return {key: min(part, other[key]) for key, part in one.items() if other.get(key)}


def _parts(asked, days):
    """Return the part (0 to 1) of half-days that a request covers, by day and half."""
    found = {}
    for day in days_between(asked.request_date_from, asked.request_date_to):
        for half, spans in days.get(day, {}).items():
            part = _part(asked, day, half, spans)
            if part:
                found[day, half] = part
    return found


def _part(asked, day, half, spans):
    if asked.request_unit_hours:
        return _part_of_hours(asked, day, spans)
    if asked.request_unit_half:
        before, after = asked.request_date_from_period, asked.request_date_to_period
        if day == asked.request_date_from and (before, half) == ("pm", "am"):
            return Decimal(0)
        if day == asked.request_date_to and (after, half) == ("am", "pm"):
            return Decimal(0)
    return Decimal(1)


def _part_of_hours(asked, day, spans):
    """Return the part of a day's hours covered by a request in hours.

    The requested hours start on the first day and end on the last.
    """
    start = asked.request_hour_from if day == asked.request_date_from else 0
    end = (asked.request_hour_to if day == asked.request_date_to else 0) or MIDNIGHT
    whole = sum(high - low for low, high in spans)
    taken = sum(max(0, min(high, end) - max(low, start)) for low, high in spans)
    if whole - taken <= LEAST_HOURS:
        return Decimal(1)
    return Decimal(repr(round(taken / whole, 6)))


def absence_sql(user, selected):
    """Return an aggregate over a user's approved time off right now.

    Training counts as work. Time off that users approved themselves, although it
    required approval, doesn't count here, as it doesn't for covered days: see
    ``nka.leave.approval``.

    :param SQL user: the user's id
    :param SQL selected: aggregate over rows ``absence``
    """
    return SQL(
        """(SELECT %(selected)s FROM hr_leave absence
              JOIN hr_leave_type kind ON kind.id = absence.holiday_status_id
             WHERE absence.user_id = %(user)s AND absence.state = 'validate'
               AND kind.time_type = 'leave'
               AND absence.date_from <= %(now)s AND absence.date_to > %(now)s
               AND (kind.leave_validation_type = 'no_validation'
                    OR NOT EXISTS (SELECT FROM nka_leave_approval noted
                                    WHERE noted.leave_id = absence.id)
                    OR EXISTS (SELECT FROM nka_leave_approval noted
                                WHERE noted.leave_id = absence.id
                                  AND noted.is_withdrawn IS NOT TRUE
                                  AND (noted.is_free OR noted.is_own IS NOT TRUE))))""",
        selected=selected,
        user=user,
        now=fields.Datetime.now(),
    )


def day_text(env, day, skeleton):
    """Return a day in the order of the reader's language: Nov 16, or 16 Nov.

    :param day: empty gives an empty text
    :param str skeleton: its parts in Unicode's letters, such as ``yMMMd``
    """
    if not day:
        return ""
    locale = babel_locale_parse(get_lang(env).code)
    return format_skeleton(skeleton, day, locale=locale)
