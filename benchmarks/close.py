"""Piped into an Odoo shell: closes a month for several numbers of managers, step by step."""

import os
import time
from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import Command
from odoo.tools import SQL

from benchmarks.measure import height, reset_height, tell

ACCOUNTS = int(os.environ["ACCOUNTS"])
COUNTS = [int(count) for count in os.environ["COUNTS"].split(",")]
ADDON = "nka_key_accounts"
GOALS = {"vip_leads": 30, "average_check": 30, "overdue_share": 25, "negotiations": 15}
BATCH = 100


def month_to_close():
    """The last month that is over and ends no season, so that nobody's goals are asked for."""
    month = date.today().replace(day=1) - relativedelta(months=1)
    return month - relativedelta(months=1) if month.month % 3 == 0 else month


def person(env, name, group):
    """A login with one role."""
    users = env["res.users"].with_context(no_reset_password=True)
    groups = [Command.link(env.ref(f"{ADDON}.{group}").id)]
    return users.create({"name": name, "login": f"bench-{name}", "group_ids": groups})


def employ(env, count, day):
    """People with a login and a contract since long ago."""
    users = env["res.users"].with_context(no_reset_password=True)
    group = env.ref(f"{ADDON}.group_key_account_manager")
    users = users.create(
        [
            {
                "name": f"Manager {n}",
                "login": f"bench-manager-{n}",
                "group_ids": [Command.link(group.id)],
            }
            for n in range(count)
        ]
    )
    values = {"date_version": day, "contract_date_start": day}
    return env["hr.employee"].create(
        [{"name": user.name, "user_id": user.id, **values} for user in users]
    )


def plan(env, officer, admin, day):
    """A plan 40/10/50 on the money that arrived, in force."""
    made = env["nka.pay.plan"].with_user(officer).create({"name": "Bench"})
    version = made.env["nka.pay.plan.version"].create(
        {
            "plan_id": made.id,
            "date_start": day,
            "line_ids": [
                Command.create(
                    {"kpi_id": env.ref(f"{ADDON}.nka_kpi_{code}").id, "weight": weight}
                )
                for code, weight in GOALS.items()
            ],
            "tier_ids": [Command.create({"from_percent": 0})],
        }
    )
    version.action_submit()
    version.with_user(admin).action_approve()
    return made.with_env(env)


def agree(env, employees, terms, day):
    """Accepted agreements of all, from a day on."""
    values = {
        "plan_id": terms.id,
        "target_earnings": 200000,
        "monthly_quota": 2000000,
        "date_from": day,
    }
    for start in range(0, len(employees), BATCH):
        agreements = env["nka.pay.agreement"].create(
            [
                {"employee_id": employee.id, **values}
                for employee in employees[start : start + BATCH]
            ]
        )
        env.flush_all()
        agreements._unlocked().write({"state": "accepted"})
    env.flush_all()


def long_ago(env):
    """Have owners and agreements entered before yesterday, as in any month but the first.

    What was changed within a day has all papers of its accounts compared again.
    """
    env.flush_all()
    for table in ("nka_assignment", "nka_pay_agreement"):
        env.cr.execute(
            SQL(
                "UPDATE %s SET write_date = write_date - interval '40 days'",
                SQL.identifier(table),
            )
        )


def own_accounts(env, users):
    """Share the first clients out among these people since ever, by SQL."""
    env.cr.execute(
        """INSERT INTO nka_key_account (partner_id, company_id, state, manager_id, cadence_days)
           SELECT id, %s, 'key', (%s)[1 + mod(number, %s)], 30
             FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM res_partner
                    WHERE user_id IS NOT NULL AND is_company AND parent_id IS NULL
                    ORDER BY id LIMIT %s) AS client""",
        [env.company.id, users.ids, len(users), ACCOUNTS],
    )
    env.cr.execute(
        """INSERT INTO nka_assignment (key_account_id, company_id, user_id, share, date_from)
           SELECT id, company_id, manager_id, 100, DATE '1900-01-01' FROM nka_key_account
            WHERE manager_id IS NOT NULL"""
    )
    env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
    env.cr.execute("ANALYZE nka_key_account; ANALYZE nka_assignment")
    env.invalidate_all()


def timed(env, call):
    """Seconds and queries of a call with all it writes."""
    env.flush_all()
    env.invalidate_all()
    queries, started = env.cr.sql_log_count, time.perf_counter()
    call()
    env.flush_all()
    return time.perf_counter() - started, env.cr.sql_log_count - queries


def make_slips(env, close):
    """What the lock left to the workers, as they would make it."""
    while env["nka.payslip.job"].sudo()._make_some():
        env.flush_all()
    close.invalidate_recordset()
    waiting = close.sudo().statement_ids.filtered(
        lambda row: row.payslip_id.state != "done"
    )
    if close.state != "locked" or waiting:
        raise SystemExit(f"{len(waiting)} payslips weren't made: {close.state}")


def close_month(env, officers, month):
    """Each step of the page's buttons, by two people; every payslip by the workers."""
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
    """Close the month for some people, and take it all back."""
    env.flush_all()
    env.cr.execute("SAVEPOINT once")
    reset_height()
    own_accounts(env, people.user_id)
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
    # the first run carries what is read once, and isn't told
    for count in (COUNTS[0], *COUNTS):
        told |= once(env, (officer, second), people[:count], terms, month)
    tell(**told)


main(env)  # noqa: F821
