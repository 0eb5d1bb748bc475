"""Employees who get a statement for a month, including leavers still owed pay; their
supervisors, and which of them had unpaid leave.
"""

from datetime import timedelta

from odoo.tools import SQL

from ... import paycalc
from ..trail.roles import SUPERVISOR
from .gathered import Gathered
from .person_month import PersonMonth


def payable_employees(env, month, company):
    """Return employees with an agreement in a month, or still owed pay from one.

    Owed are late credits, adjustments, season goals, held pay whose reports were
    approved since, and held bonus that is due.

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
    released |= _holding_bonus(env, month, company, in_force)
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


def _holding_bonus(env, month, company, others):
    """Return the employees whose held bonus vests or lapses, or whose held credits
    count in the month.

    :param others: hr.employee who get a statement anyway and are skipped
    """
    env["nka.pay.statement"].flush_model()
    rows = env.execute_query(
        SQL(
            """SELECT employee_id FROM (
                   SELECT DISTINCT ON (employee_id) employee_id, loyalty_held, held_credits
                     FROM nka_pay_statement
                    WHERE company_id = %s AND month < %s AND state != 'open'
                      AND NOT employee_id = ANY(%s)
                    ORDER BY employee_id, month DESC) AS last
                WHERE loyalty_held > 0 OR held_credits > 0""",
            company.id,
            month,
            others.ids,
        )
    )
    employees = others.browse(employee_id for (employee_id,) in rows)
    if not employees:
        return employees
    facts = Gathered(employees, month, company)
    return employees.filtered(
        lambda row: facts.is_vesting(row) or facts.sources.get(row.user_id.id)
    )


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


def supervisors_of(env, employees, company):
    """Return supervisors of employees: their superior, and their accounts'.

    :param employees: hr.employee
    :param company: res.company
    :return: ``{employee id: res.users}``
    """
    accounts = env["nka.key.account"].sudo()
    of_manager = dict(
        accounts._read_group(
            [
                ("company_id", "=", company.id),
                ("manager_id", "in", employees.user_id.ids),
                ("supervisor_id", "!=", False),
            ],
            ["manager_id"],
            ["supervisor_id:recordset"],
        )
    )
    group = env.ref(SUPERVISOR).sudo().all_user_ids
    found = {}
    for employee in employees.sudo():
        person, superior = employee.user_id, employee.parent_id.user_id
        found[employee.id] = (
            (superior | of_manager.get(person, person.browse())) & group
        ) - person
    return found


def with_unpaid_leave(statements):
    """Return statements with unpaid leave in the month, now or when paid.

    :param statements: nka.pay.statement
    """
    leaves = (
        statements.env["hr.leave"]
        .sudo()
        .search(
            [
                ("employee_id", "in", statements.employee_id.ids),
                ("state", "=", "validate"),
                ("holiday_status_id.unpaid", "=", True),
            ]
        )
    )
    spans = {
        employee: [(row.request_date_from, row.request_date_to) for row in own]
        for employee, own in leaves.grouped("employee_id").items()
    }
    return statements.filtered(
        lambda row: (
            row.unpaid_days
            or any(
                first < paycalc.add_months(row.month, 1) and last >= row.month
                for first, last in spans.get(row.employee_id, ())
            )
        )
    )
