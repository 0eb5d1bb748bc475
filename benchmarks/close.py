"""Piped into an Odoo shell: closes a month for several numbers of managers, step by
step.
"""

import os
import time

from dateutil.relativedelta import relativedelta

from benchmarks.measure import height, reset_height, tell
from benchmarks.people import (
    agree,
    employ,
    long_ago,
    month_to_close,
    own_accounts,
    person,
    plan,
)

ACCOUNTS = int(os.environ["ACCOUNTS"])
COUNTS = [int(count) for count in os.environ["COUNTS"].split(",")]


def timed(env, call):
    """Return seconds and queries of a call with all its writes."""
    env.flush_all()
    env.invalidate_all()
    queries, started = env.cr.sql_log_count, time.perf_counter()
    call()
    env.flush_all()
    return time.perf_counter() - started, env.cr.sql_log_count - queries


def make_slips(env, close):
    """Generate the payslips that the lock queued, as the scheduled action does."""
    while env["nka.payslip.job"].sudo()._make_some():
        env.flush_all()
    close.invalidate_recordset()
    waiting = close.sudo().statement_ids.filtered(
        lambda row: row.payslip_id.state != "done"
    )
    if close.state != "locked" or waiting:
        raise SystemExit(f"{len(waiting)} payslips weren't made: {close.state}")


def close_month(env, officers, month):
    """Run each step's button as two users, and generate every payslip in the
    background.
    """
    env.company.sudo().nka_payslip_direct = 0
    close = env["nka.month.close"].with_user(officers[0]).create({"month": month})
    second = close.with_user(officers[1])
    return {
        "calculate": timed(env, close.action_calculate),
        "approve": timed(env, second.action_approve),
        "lock": timed(env, second.action_lock),
        "slips": timed(env, lambda: make_slips(env, close)),
    }


def once(env, officers, people, terms, month):
    """Close the month for some employees, and roll everything back."""
    env.flush_all()
    env.cr.execute("SAVEPOINT once")
    reset_height()
    own_accounts(env, people.user_id, ACCOUNTS)
    agree(env, people, terms, month)
    long_ago(env)
    steps = close_month(env, officers, month)
    env.cr.execute("SELECT COUNT(*) FROM nka_bonus_line")
    lines = env.cr.fetchone()[0]
    env.invalidate_all()
    env.cr.execute("ROLLBACK TO SAVEPOINT once")
    env.registry.clear_cache()
    count = len(people)
    told = {f"lines_{count}": lines, f"memory_{count}": height()}
    for step, (seconds, queries) in steps.items():
        told |= {f"{step}_seconds_{count}": seconds, f"{step}_queries_{count}": queries}
    return told


def main(env):
    """Close the same month for each number of managers."""
    env = env(context={**env.context, "tracking_disable": True})
    month = month_to_close()
    since = month.replace(month=1) - relativedelta(years=1)
    officer, second, admin = (
        person(env, "officer", "group_key_account_payroll_officer"),
        person(env, "second", "group_key_account_payroll_officer"),
        person(env, "admin", "group_key_account_admin"),
    )
    people = employ(env, max(COUNTS), since)
    terms = plan(env, officer, admin, since)
    reset_height()
    told = {"memory_at_rest": height()}
    # the first run fills the caches and isn't reported
    for count in (COUNTS[0], *COUNTS):
        told |= once(env, (officer, second), people[:count], terms, month)
    tell(**told)


main(env)  # noqa: F821
