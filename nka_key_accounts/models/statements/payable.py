"""Employees who get a statement for a month, including leavers still owed pay."""

from datetime import timedelta

from ... import paycalc
from .gathered import Gathered
from .person_month import PersonMonth


def payable_employees(env, month, company):
    """Return employees with an agreement in a month, or still owed pay from one.

    Owed are late credits, adjustments, season goals, and held pay whose reports were
    approved since.

    :param env: environment of the superuser
    :param date month: first day
    :param res.company company: company of the statements
    :rtype: hr.employee, including archived ones
    """
    last = paycalc.add_months(month, 1) - timedelta(1)
    agreements = env["nka.pay.agreement"]
    in_force = agreements._in_force(month, last, company).employee_id
    credited = _credited_users(env, month, last, company).ids
    corrected = env["nka.pay.correction"]._payable_in(month, company).employee_id
    scored = _scored_employees(env, last, company)
    released = _released_employees(env, month, company, in_force)
    ended = agreements.search(
        [
            ("company_id", "=", company.id),
            ("state", "in", ("accepted", "ended")),
            ("date_from", "<=", last),
            "|",
            "|",
            ("user_id", "in", credited),
            ("accepted_by_id", "in", credited),
            ("employee_id", "in", (corrected | scored | released).ids),
        ]
    )
    return in_force | ended.employee_id


def _credited_users(env, month, last, company):
    [(users,)] = env["nka.bonus.line"]._read_group(
        [
            ("company_id", "=", company.id),
            ("date", ">=", month),
            ("date", "<=", last),
        ],
        [],
        ["user_id:recordset"],
    )
    return users


def _scored_employees(env, last, company):
    """Return the employees with goals in the season that ends on a day."""
    goals = env["nka.season.goal"].search(
        [("company_id", "=", company.id), ("season_id.date_end", "=", last)]
    )
    return goals.employee_id


def _released_employees(env, month, company, others):
    """Return the employees whose held pay is released by reports approved since.

    :param others: hr.employee who get a statement anyway and are skipped
    """
    holding = env["nka.pay.statement"].search(
        [
            ("company_id", "=", company.id),
            ("employee_id", "not in", others.ids),
            ("month", "<", month),
            ("state", "!=", "open"),
            ("held_amount", ">", 0),
        ]
    )
    employees = holding.employee_id
    if not employees:
        return employees
    facts = Gathered(employees, month, company)
    return employees.filtered(lambda row: PersonMonth(facts, row).releases)
