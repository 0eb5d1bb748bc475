"""Days: of a company, of a working calendar, of a contract, of leaves.

1. *Is it real?* Leaves that are validated; public holidays of the company or of all;
   contracts and calendars as the employee's versions say.
2. *Whose is it?* Of the employee; absent from key accounts is the employee's login.
3. *How much, when?* Workdays of the calendar in force on the day, by the clock of that
   calendar; of a flexible one the days of the company's week. A leave covers the days it
   was asked for: whole ones, halves, or hours of the workday.
4. *Who could have written it?* A leave counts when somebody else approved it, or when its
   type asks for no approval (:mod:`.nka_leave_approval`). Holidays for all are made by
   HR, and nobody makes them alone for themselves (:mod:`.nka_holiday_entry`). Contracts
   and calendars are HR's.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

from babel.dates import format_skeleton
from pytz import timezone, utc

from odoo import fields
from odoo.tools import SQL, LazyTranslate, get_lang
from odoo.tools.misc import babel_locale_parse

_lt = LazyTranslate(__name__)

#: Where neither a calendar nor the company says anything: Monday to Friday.
PLAIN_HOURS = (("am", 8.0, 12.0), ("pm", 13.0, 17.0))
PLAIN_WEEK = {(week, day): PLAIN_HOURS for week in (0, 1) for day in range(5)}
NOON, MIDNIGHT = 12.0, 24.0
#: What is left of a workday after a holiday that ends at 23:59:59 is none.
LEAST_HOURS = 1 / 60
#: Parts of a day are kept to so many decimals.
DAY_PART = Decimal("0.0001")

#: Why a leave doesn't count, as a person reads it.
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

    :param employees: hr.employee
    :rtype: dict[int, set[date]]
    """
    found = working_hours(employees, first, last)
    return {id_: set(days) for id_, days in found.items()}


def working_hours(employees, first, last):
    """The hours of every workday, in two halves, public holidays taken out.

    The number of queries depends neither on people nor on calendars.

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
    """The calendar in force; none where hours are fully flexible."""
    return (version or employee).resource_calendar_id


class _Weeks:
    """Hours of the week of every calendar that is asked for, read at once.

    A calendar with flexible hours, and people without any, work on the days of the
    company's week; where that is flexible too, from Monday to Friday.
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
        """The calendar and, where it is flexible, the company's whose week it has."""
        if calendar and not calendar.flexible_hours:
            return calendar
        return calendar | company.resource_calendar_id

    def of(self, calendar, company):
        """Hours by week and weekday of somebody's calendar in a company."""
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
    """Hours of a day without the end of a shift that began the day before.

    A calendar has it as two lines, up to midnight and from midnight on; it belongs to
    the day on which it began.
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
    """Hours of an attendance as (half, from, to); a full day has its noon between."""
    start, end = attendance.hour_from, attendance.hour_to
    if attendance.day_period == "full_day":
        parts = [("am", start, min(end, NOON)), ("pm", max(start, NOON), end)]
    else:
        half = "am" if attendance.day_period == "morning" else "pm"
        parts = [(half, start, end)]
    return [part for part in parts if part[1] < part[2]]


class _Holidays:
    """Holidays for all that HR made, by the clock of their calendar or company."""

    def __init__(self, employees, first, last):
        self.entries = employees.env["nka.holiday.entry"]._of_companies(
            employees.company_id, first, last
        )
        makers = {entry.user_id for entries in self.entries for entry in entries}
        self.makers = {user.id for user in makers}

    def maker(self, employee):
        """The login of somebody who made a holiday, for whom it counts otherwise."""
        login = employee.user_id.id
        return login if login in self.makers else False

    def of(self, calendars, company, login):
        """Holidays as (from, to) by the local clock.

        :param calendars: whose holidays count
        :param int login: of the person, when they made one themselves
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
    """Workdays of a calendar with their hours, without the holidays of the company."""
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
    """The hours of a day that no holiday takes, by half."""
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
    """What is left of a span of hours."""
    rest = [span]
    for start, end in taken:
        rest = [
            part
            for low, high in rest
            for part in ((low, min(high, start)), (max(low, end), high))
            if part[1] - part[0] > LEAST_HOURS
        ]
    return rest


# ---------------------------------------------------------------- leaves
@dataclass(frozen=True, slots=True)
class Asked:
    """What a leave asks for, or what of it was approved: days, halves or hours."""

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
        """:param record: hr.leave or nka.leave.approval"""
        values = {name: record[name] for name in ASKED}
        return cls(**values, is_unpaid=record.holiday_status_id.unpaid)


#: Fields that leaves and their approvals have in common.
ASKED = tuple(name for name in Asked.__slots__ if name != "is_unpaid")


@dataclass(frozen=True, slots=True)
class LeaveRow:
    """One leave of a person in a span of days, and whether it counts.

    :param leave_id: id of hr.leave
    :param first: first day asked for
    :param last: last day asked for
    :param reason: key of ``REASONS`` why not all of it counts, or empty
    :param is_unpaid: whether the days that count aren't paid
    :param counted: part of every workday that counts, by day and half, 0 to 1
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
        """First and last day, or the only one."""
        return dict.fromkeys((self.first, self.last))


@dataclass(slots=True)
class DayOff:
    """What of one workday is leave that counts.

    :param part: of the workday, 0 to 1
    :param unpaid: of the workday on unpaid leave, 0 to 1
    :param leave_ids: ids of the unpaid leaves
    """

    part: Decimal = Decimal(0)
    unpaid: Decimal = Decimal(0)
    leave_ids: set = field(default_factory=set)


def leave_rows(employees, first, last, hours=None):
    """Leaves of people with a day in a span, those that don't count with the reason.

    The number of queries doesn't depend on people or leaves.

    :param employees: hr.employee
    :param dict hours: as of :func:`working_hours`, where they are known already
    :return: in the order they were entered, by employee id
    :rtype: dict[int, list[LeaveRow]]
    """
    hours = hours or working_hours(employees, first, last)
    rows = {id_: [] for id_ in employees.ids}
    approvals = employees.env["nka.leave.approval"].sudo()
    for leave, approved, reason in approvals._judge(employees, first, last):
        days = hours[leave.employee_id.id]
        counted = _parts(approved, days) if approved else {}
        if reason and counted and not approved.is_unpaid:
            # What was given back isn't leave; of unpaid leave that takes approval too.
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
    """What of each workday is leave that counts, and what of it isn't paid.

    Where two leaves take the same hours, the later one stands: Odoo lets people ask for
    it on top of the earlier.

    :param dict rows: as of :func:`leave_rows`, where they are known already
    :rtype: dict[int, dict[date, DayOff]]
    """
    hours = hours or working_hours(employees, first, last)
    rows = rows or leave_rows(employees, first, last, hours)
    return {id_: _add_up(rows[id_], hours[id_]) for id_ in employees.ids}


def leave_days(employees, first, last):
    """Workdays that are leave all day, and leave that counts.

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
    """What a request takes of each workday: 0 to 1 of a half, by day and half."""
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
    """Hours of a day: those asked for begin on the first and end on the last day."""
    start = asked.request_hour_from if day == asked.request_date_from else 0
    end = (asked.request_hour_to if day == asked.request_date_to else 0) or MIDNIGHT
    whole = sum(high - low for low, high in spans)
    taken = sum(max(0, min(high, end) - max(low, start)) for low, high in spans)
    if whole - taken <= LEAST_HOURS:
        return Decimal(1)
    return Decimal(repr(round(taken / whole, 6)))


def absence_sql(user, selected):
    """Something of a person's approved absences of this moment; trainings are work.

    What they approved themselves, where an approval was needed, is no absence, as it
    proves no days: see ``nka.leave.approval``.

    :param SQL user: the login
    :param SQL selected: an aggregate over rows called ``absence``
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
