"""Run as a program on a throw-away database, before and after the addon is installed
again: a month is closed, and its payslips outlive the addon.

The first run locks November. The second one, on the reinstalled addon, closes the same
month for the same people: one payslip pays what the new statement says, the other
doesn't. Prints what went wrong and returns 1.
"""

import sys

from odoo.tools import SQL

from tests.close.race import STEPS, prepare, started
from tests.close.race_month import Month

OTHER = "nka_colleague"
RENAMED = (
    "UPDATE res_users SET login = 'left_' || login WHERE login ~ '^(nka|officer)_'",
    "UPDATE hr_employee SET user_id = NULL",
    "UPDATE resource_resource SET user_id = NULL",
    """UPDATE account_tax SET name = '{"en_US": "Left"}'
        WHERE name->>'en_US' = '20 %'""",
    """UPDATE account_account SET code_store = '{"1": "LEFT"}'
        WHERE name->>'en_US' = 'Outstanding'""",
)


def lock_november(registry):
    month = Month(registry, prepare()[1])
    for step in STEPS:
        month.run(step)
    with registry.cursor() as cursor:
        # The second run creates records with the same names.
        for change in RENAMED:
            cursor.execute(change)
        cursor.execute("SELECT count(*) FROM hr_payslip WHERE state = 'done'")
        return [] if cursor.fetchone() == (2,) else ["November has no payslips"]


def close_again(registry):
    month = Month(registry, prepare()[1])
    problems = give_to_new_employees(registry)
    month.run("calculate")
    with registry.cursor() as cursor:
        problems += check_refused(month, cursor)
    with registry.cursor() as cursor:
        statement = other_statement(month, cursor)
        statement.action_cancel_left_payslip("It was never paid")
        statement.env.flush_all()
    for step in ("calculate", "approve", "lock"):
        month.run(step)
    with registry.cursor() as cursor:
        return problems + check_paid_once(month, cursor)


def give_to_new_employees(registry):
    """The employees of the first run are given the logins of the second one; the payslip
    of one of them pays another amount.
    """
    with registry.cursor() as cursor:
        cursor.execute(
            """UPDATE hr_payslip slip SET employee_id = fresh.id
                 FROM hr_employee fresh, hr_employee old
                WHERE old.id = slip.employee_id AND fresh.name = old.name
                  AND fresh.user_id IS NOT NULL"""
        )
        moved = cursor.rowcount
        cursor.execute(
            """UPDATE hr_payslip_line line SET amount = amount + 1, total = total + 1
                 FROM hr_payslip slip JOIN hr_employee person
                   ON person.id = slip.employee_id
                 JOIN res_users login ON login.id = person.user_id
                WHERE slip.id = line.slip_id AND login.login = %s
                  AND line.code = 'NKA_FIXED'""",
            [OTHER],
        )
        if (moved, cursor.rowcount) != (2, 1):
            return [f"{moved} payslips moved, {cursor.rowcount} lines changed"]
    return []


def other_statement(month, cursor):
    env = month.env(cursor, "nka_payroll")
    close = env["nka.month.close"].browse(month.id)
    return close.statement_ids.filtered(lambda row: row.user_id.login == OTHER)


def check_refused(month, cursor):
    """The payslip with another amount blocks, is named, and can be cancelled."""
    statement = other_statement(month, cursor)
    item = statement.close_id.check_ids.filtered(lambda row: row.code == "slip")
    problems = []
    if (item.result, item.count) != ("block", 1):
        problems.append(f"second payslips: {item.result}, {item.count}")
    if item.res_ids != statement.left_payslip_id.ids or not item.res_ids:
        problems.append("the statement doesn't name its earlier payslip")
    return problems


def check_paid_once(month, cursor):
    env = month.env(cursor, "nka_payroll")
    close = env["nka.month.close"].browse(month.id)
    problems = [] if close.state == "locked" else [f"the month is {close.state}"]
    slips = close.statement_ids.payslip_id
    kept = slips.filtered(lambda slip: slip.employee_id.user_id.login != OTHER)
    rows = env.execute_query(
        SQL("SELECT id, state FROM hr_payslip ORDER BY employee_id, id")
    )
    states = sorted(state for _id, state in rows)
    if states != ["cancel", "done", "done"]:
        problems.append(f"payslips are {states}")
    if len(kept) != 1 or kept.id > (slips - kept).id:
        problems.append("no payslip was taken over")
    if slips.payslip_run_id != close.payslip_run_id:
        problems.append("the payslips are in other batches")
    if env["hr.payslip.run"].search_count([]) > 2:
        problems.append("empty batches are left")
    close._check_sealed()
    return problems


def main(config_file, name):
    registry = started(config_file, name)
    with registry.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM hr_payslip")
        is_first = cursor.fetchone() == (0,)
    problems = (lock_november if is_first else close_again)(registry)
    print("\n".join(problems))
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
