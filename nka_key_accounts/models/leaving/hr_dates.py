"""Departures that dates in Odoo call for: departure date, and end of contract."""

from datetime import timedelta

from odoo import fields

from ..trail.roles import ROLES
from . import deciding

#: Days for which a departure date in the past still opens a departure.
RECENT = timedelta(days=14)


def employees_due(env, today):
    """Return employees with a user whose departure or end of contract is near."""
    companies = env["res.company"].sudo().search([])
    farthest = max(companies.mapped("nka_departure_days"), default=0)
    employees = env["hr.employee"].sudo().with_context(active_test=False)
    return employees.search(
        [
            ("user_id", "!=", False),
            ("user_id.active", "=", True),
            "|",
            ("departure_date", ">=", today - RECENT),
            "&",
            ("contract_date_end", ">=", today),
            ("contract_date_end", "<=", today + timedelta(days=farthest)),
        ]
    )


def open_due(employees):
    """Open the departures of employees, and move those open to their new day."""
    departures = employees.env["nka.departure"].sudo()
    rows = departures.search([("employee_id", "in", employees.ids)], order="id")
    known = {row.employee_id: row for row in rows}
    today = fields.Date.context_today(departures)
    for employee in employees:
        source, day = _last_day(employee, today)
        departure = known.get(employee, departures)
        is_open = departure.state == "open"
        if not day or (departure and not is_open and departure.date == day):
            continue
        if is_open:
            departure._take_hr_date(day)
        elif not _is_employed(employee, departure) or _stays(employee, today):
            continue
        elif not departures._is_leaving(employee.user_id):
            departures._open(employee, day, source)


def _is_employed(employee, departure):
    """Return whether the employee has a role or an account.

    Accounts that nobody has taken over don't open another departure of somebody who
    has left: they need a role again.
    """
    user = employee.user_id
    if departure.state == "departed":
        return user.has_groups(",".join(ROLES))
    return deciding.has_role(employee.env, user)


def _stays(employee, today):
    """Return whether the person goes on working as an employee of another company."""
    others = (
        employee.env["hr.employee"]
        .sudo()
        .search([("user_id", "=", employee.user_id.id), ("id", "!=", employee.id)])
    )
    return any(
        not other.departure_date
        and not _last_day(other, today)[1]
        and not (other.contract_date_end and other.contract_date_end < today)
        for other in others
    )


def _last_day(employee, today):
    """Return which date in Odoo ends the employment, and the day if it is near."""
    if employee.departure_date:
        day = employee.departure_date
        return "hr", -RECENT.days <= (day - today).days <= deciding.FARTHEST and day
    end = employee.contract_date_end
    notice = timedelta(days=employee.company_id.nka_departure_days)
    if not end or not today <= end <= today + notice:
        return "contract", None
    later = (version.contract_date_start for version in employee.version_ids)
    follows = any(start and start > end for start in later)
    return "contract", None if follows else end
