"""Piped into an Odoo shell: creates payslips of locked statements, and as many with the
payroll engine alone.
"""

import os
import time
from datetime import date
from functools import partial

from odoo import Command

from benchmarks.measure import height, reset_height, tell

COUNTS = [int(count) for count in os.environ["COUNTS"].split(",")]
# The engine alone is quadratic: above this number its cost is extrapolated from fewer
# payslips.
STOCK_LIMIT = int(os.environ["STOCK_LIMIT"])
MONTH = date(2025, 11, 1)
MONTH_END = date(2025, 11, 30)
AMOUNTS = {"fixed_amount": 80000, "bonus_amount": 61234.56, "total_amount": 141234.56}


def employ(env, count):
    """Create employees with a login and a contract."""
    users = env["res.users"].with_context(no_reset_password=True)
    users = users.create(
        [{"name": f"Seller {n}", "login": f"bench_{n}"} for n in range(count)]
    )
    return env["hr.employee"].create(
        [
            {
                "name": user.name,
                "user_id": user.id,
                "date_version": MONTH,
                "contract_date_start": MONTH,
                "wage": 80000,
            }
            for user in users
        ]
    )


def agree(env, employee):
    """Create one accepted agreement, which the statements refer to."""
    plan = env["nka.pay.plan"].create({"name": "Bench"})
    agreement = env["nka.pay.agreement"].create(
        {
            "employee_id": employee.id,
            "plan_id": plan.id,
            "target_earnings": 200000,
            "monthly_quota": 2000000,
            "date_from": MONTH,
        }
    )
    env.flush_all()
    agreement._unlocked().write({"state": "accepted"})
    return agreement


def lock(env, employees, agreement):
    """Create locked statements for all employees."""
    return (
        env["nka.pay.statement"]
        ._unlocked()
        .create(
            [
                {
                    "employee_id": employee.id,
                    "user_id": employee.user_id.id,
                    "company_id": employee.company_id.id,
                    "month": MONTH,
                    "state": "locked",
                    "agreement_id": agreement.id,
                    **AMOUNTS,
                }
                for employee in employees
            ]
        )
    )


def stock_structure(env):
    """Create a structure with as many rules as the addon's, with fixed amounts: the
    engine's minimum.
    """
    category = env["hr.salary.rule.category"].create({"name": "B", "code": "BASIC"})
    rules = [
        Command.create(
            {
                "name": f"Rule {number}",
                "code": f"RULE{number}",
                "sequence": number,
                "category_id": category.id,
                "amount_select": "fix",
                "amount_fix": 1000 + number,
            }
        )
        for number in range(5)
    ]
    return env["hr.payroll.structure"].create(
        {"name": "Stock", "code": "STOCK", "rule_ids": rules}
    )


def make_stock(env, employees, structure):
    """Create, compute and confirm payslips with the engine's own buttons, one by one."""
    slips = env["hr.payslip"].create(
        [
            {
                "employee_id": employee.id,
                "contract_id": employee.version_id.id,
                "struct_id": structure.id,
                "date_from": MONTH,
                "date_to": MONTH_END,
            }
            for employee in employees
        ]
    )
    slips.compute_sheet()
    for slip in slips:
        slip.action_payslip_done()
    return slips


def make_ours(env, statements):
    """Generate payslips as the month-end close does."""
    run = env["hr.payslip.run"]._nka_run(env.company, MONTH)
    return run._nka_make(statements)


def once(env, call):
    """Return seconds and queries of a call that is rolled back."""
    env.flush_all()
    env.invalidate_all()
    env.cr.execute("SAVEPOINT once")
    queries, started = env.cr.sql_log_count, time.perf_counter()
    slips = call()
    env.flush_all()
    told = time.perf_counter() - started, env.cr.sql_log_count - queries
    if set(slips.mapped("state")) != {"done"}:
        raise SystemExit("not every payslip was confirmed")
    env.invalidate_all()
    env.cr.execute("ROLLBACK TO SAVEPOINT once")
    return told


def main(env):
    """Measure both ways for each number of payslips, in the same run."""
    env = env(context={**env.context, "tracking_disable": True})
    employees = employ(env, max(COUNTS))
    statements = lock(env, employees, agree(env, employees[0]))
    structure = stock_structure(env)
    once(env, lambda: make_ours(env, statements[:1]))
    reset_height()
    told = {"memory_at_rest": height()}
    for count in COUNTS:
        env.invalidate_all()
        reset_height()
        seconds, queries = once(env, partial(make_ours, env, statements[:count]))
        told |= {
            f"ours_{count}": queries / count,
            f"ours_ms_{count}": 1000 * seconds / count,
            f"memory_{count}": height(),
        }
    for count in COUNTS:
        if count > STOCK_LIMIT:
            continue
        seconds, queries = once(
            env, partial(make_stock, env, employees[:count], structure)
        )
        told |= {
            f"stock_{count}": queries / count,
            f"stock_ms_{count}": 1000 * seconds / count,
        }
    tell(**told)


main(env)  # noqa: F821
