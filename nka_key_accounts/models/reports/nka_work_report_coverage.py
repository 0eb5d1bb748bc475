from datetime import date, datetime, time, timedelta

from pytz import timezone

from odoo import api, models

from ...paycalc import MonthDays


class WorkReportCoverage(models.Model):
    """Which days somebody should have worked, was employed, and has proof for.

    Everything for many employees at once; the number of queries depends on the
    number of different working calendars, not of people.
    """

    _inherit = "nka.work.report"

    # ------------------------------------------------------------ business
    @api.model
    def _scheduled_days(self, employees, date_from, date_to):
        """Workdays by everybody's calendar, public holidays taken out.

        :param employees: hr.employee
        :param date date_from: first day
        :param date date_to: last day
        :rtype: dict[int, set[date]]
        """
        versions = self._read_versions(employees)
        calendars = {}
        result = {}
        for employee in employees.sudo():
            days = set()
            for version, first, last in self._calendar_spans(
                versions.get(employee.id, []), date_from, date_to
            ):
                key = (self._calendar_of(employee, version), employee.company_id)
                if key not in calendars:
                    calendars[key] = self._calendar_days(*key, date_from, date_to)
                days |= {day for day in calendars[key] if first <= day <= last}
            result[employee.id] = days
        return result

    @api.model
    def _employed_days(self, employees, date_from, date_to, scheduled=None):
        """The scheduled days on which somebody is under contract.

        Who has no contract dates at all counts as employed throughout: there is
        nothing to prorate by, and the month close says that the contract is missing.

        :rtype: dict[int, set[date]]
        """
        scheduled = scheduled or self._scheduled_days(employees, date_from, date_to)
        versions = self._read_versions(employees)
        result = {}
        for employee in employees:
            contracts = {
                (version["contract_date_start"], version["contract_date_end"])
                for version in versions.get(employee.id, [])
                if version["contract_date_start"]
            }
            result[employee.id] = {
                day
                for day in scheduled[employee.id]
                if not contracts
                or any(start <= day <= (end or date.max) for start, end in contracts)
            }
        return result

    @api.model
    def _covered_days(self, employees, date_from, date_to):
        """Days with an approved report or an approved leave.

        :rtype: dict[int, set[date]]
        """
        covered = self._leave_days(employees, date_from, date_to)
        reports = self.sudo().search(
            [
                ("employee_id", "in", employees.ids),
                ("state", "=", "approved"),
                ("date_from", "<=", date_to),
                ("date_to", ">=", date_from),
            ]
        )
        for report in reports:
            first, last = max(report.date_from, date_from), min(report.date_to, date_to)
            covered[report.employee_id.id] |= set(_days(first, last))
        return covered

    @api.model
    def _month_days(self, employees, date_from, date_to, within=None):
        """Scheduled, employed and covered days, counted for the pay arithmetic.

        Who has no scheduled day in the span is left out.

        :param dict within: first and last days by employee id; only employed days
            inside of one of them count. A last day may be open. All when not given
        :rtype: dict[int, paycalc.MonthDays]
        """
        scheduled = self._scheduled_days(employees, date_from, date_to)
        employed = self._employed_days(employees, date_from, date_to, scheduled)
        for id_ in employed.keys() & (within or {}).keys():
            spans = within[id_]
            employed[id_] = {day for day in employed[id_] if _is_within(day, spans)}
        covered = self._covered_days(employees, date_from, date_to)
        return {
            id_: MonthDays(
                len(days), len(employed[id_]), len(employed[id_] & covered[id_])
            )
            for id_, days in scheduled.items()
            if days
        }

    # ------------------------------------------------------------ calendars
    @api.model
    def _read_versions(self, employees):
        """Stored calendars and contract dates by employee, in order of their start.

        The stored columns: the computed dates of a version search once per version.
        """
        versions = (
            self.env["hr.version"]
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
        result = {}
        for version in versions:
            result.setdefault(version.employee_id.id, []).append(version)
        return result

    @api.model
    def _calendar_spans(self, versions, date_from, date_to):
        """Which version's calendar counts from when to when; the first one also
        before its start."""
        if not versions:
            return [(None, date_from, date_to)]
        starts = [date.min, *(version.date_version for version in versions[1:])]
        ends = [*(start - timedelta(days=1) for start in starts[1:]), date.max]
        return [
            (version, start, end)
            for version, start, end in zip(versions, starts, ends, strict=True)
            if start <= date_to and end >= date_from
        ]

    @api.model
    def _calendar_of(self, employee, version):
        own = version.resource_calendar_id if version else employee.resource_calendar_id
        return own or employee.company_id.resource_calendar_id

    @api.model
    def _calendar_days(self, calendar, company, date_from, date_to):
        """Workdays of a calendar without the company's public holidays.

        Without any calendar, Monday to Friday.
        """
        if not calendar:
            return {day for day in _days(date_from, date_to) if day.weekday() < 5}
        zone = timezone(calendar.tz or "UTC")
        start = zone.localize(datetime.combine(date_from, time.min))
        stop = zone.localize(datetime.combine(date_to, time.max))
        holidays = [
            ("time_type", "=", "leave"),
            ("resource_id", "=", False),
            ("company_id", "in", [company.id, False]),
        ]
        intervals = calendar._work_intervals_batch(start, stop, domain=holidays)
        return {
            begin.astimezone(zone).date() for begin, _end, _meta in intervals[False]
        }

    # ------------------------------------------------------------ leaves
    @api.model
    def _leave_days(self, employees, date_from, date_to):
        """Days an employee is on approved leave all day.

        Two approved halves make a day; hours don't.

        :rtype: dict[int, set[date]]
        """
        halves = {id_: set() for id_ in employees.ids}
        for leave in (
            self.env["hr.leave"]
            .sudo()
            .search(
                [
                    ("employee_id", "in", employees.ids),
                    ("state", "=", "validate"),
                    ("request_unit_hours", "=", False),
                    ("request_date_from", "<=", date_to),
                    ("request_date_to", ">=", date_from),
                ]
            )
        ):
            halves[leave.employee_id.id] |= self._leave_halves(leave)
        return {
            id_: {
                day
                for day, half in found
                if half == "am" and (day, "pm") in found and date_from <= day <= date_to
            }
            for id_, found in halves.items()
        }

    @api.model
    def _leave_halves(self, leave):
        first, last = leave.request_date_from, leave.request_date_to
        halves = {(day, half) for day in _days(first, last) for half in ("am", "pm")}
        if leave.request_unit_half:
            if leave.request_date_from_period == "pm":
                halves.discard((first, "am"))
            if leave.request_date_to_period == "am":
                halves.discard((last, "pm"))
        return halves


def _is_within(day, spans):
    """Whether a day lies in one of the spans."""
    return any(first <= day <= (last or date.max) for first, last in spans)


def _days(first, last):
    """Every day from ``first`` to ``last``."""
    for number in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(number)
