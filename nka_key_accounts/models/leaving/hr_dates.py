"""Departures that dates in Odoo call for: departure date, and end of contract."""

from datetime import timedelta

from odoo import fields

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
        elif departures._has_role(employee.user_id):
            departures._open(employee, day, source)


def _last_day(employee, today):
    """Return which date in Odoo ends the employment, and the day if it is near."""
    if employee.departure_date:
        is_recent = employee.departure_date >= today - RECENT
        return "hr", is_recent and employee.departure_date
    end = employee.contract_date_end
    notice = timedelta(days=employee.company_id.nka_departure_days)
    if not end or not today <= end <= today + notice:
        return "contract", None
    later = (version.contract_date_start for version in employee.version_ids)
    follows = any(start and start > end for start in later)
    return "contract", None if follows else end
