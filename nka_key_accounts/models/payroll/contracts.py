"""Find the contract version used for an employee's payslip of a month."""

from odoo import fields

from ...paycalc import add_months


def covers(version, first, last):
    """Return whether the contract covers a day from ``first`` to ``last``.

    Uses stored dates, so no search is needed.
    """
    start, end = version.contract_date_start, version.contract_date_end
    return bool(start and start <= last and (not end or end >= first))


def paying_versions(employees, month, companies):
    """Return the contract version used for each employee's payslip of a month.

    This is the last version of the month. For leavers whose statement only pays amounts
    still due, it is their last version before the month.

    :param employees: hr.employee
    :param date month: first day
    :param companies: res.company that pay them
    :return: ``{employee id: hr.version}``, as superuser
    """
    last = fields.Date.end_of(month, "month")
    found = _last_versions(
        employees,
        ("contract_date_start", "<=", last),
        "|",
        ("contract_date_end", "=", False),
        ("contract_date_end", ">=", month),
        ("date_version", "<", add_months(month, 1)),
    )
    without = employees.filtered(lambda employee: employee.id not in found)
    if not without:
        return found
    statements = employees.env["nka.pay.statement"].sudo()
    left = statements.search(
        [
            ("employee_id", "in", without.ids),
            ("month", "=", month),
            ("company_id", "in", companies.ids),
        ]
    )._only_owed()
    before = ("contract_date_start", "<", month)
    return {**found, **_last_versions(left.employee_id, before)}


def _last_versions(employees, *domain):
    versions = (
        employees.env["hr.version"]
        .sudo()
        .search(
            [("employee_id", "in", employees.ids), *domain],
            order="employee_id, date_version",
        )
    )
    return {version.employee_id.id: version for version in versions}
