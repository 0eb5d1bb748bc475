"""Piped into an Odoo shell: closes two months with the code of an older version, or
verifies them with this one.
"""

import os
from datetime import date

from dateutil.relativedelta import relativedelta

from benchmarks.measure import tell
from benchmarks.people import agree, employ, long_ago, own_accounts, person, plan

ACCOUNTS, MANAGERS = 400, 20


def months():
    """Return the first two months of the last completed quarter, which end no season."""
    this = date.today().replace(day=1)
    first = this - relativedelta(months=(this.month - 1) % 3 + 3)
    return first, first + relativedelta(months=1)


def close_months(env):
    """Set a company up and close its months as two officers do."""
    env = env(context={**env.context, "tracking_disable": True})
    since = months()[0].replace(month=1) - relativedelta(years=1)
    officer, second = (
        person(env, name, "group_key_account_payroll_officer")
        for name in ("officer", "second")
    )
    admin = person(env, "admin", "group_key_account_admin")
    people = employ(env, MANAGERS, since)
    own_accounts(env, people.user_id, ACCOUNTS)
    agree(env, people, plan(env, officer, admin, since), months()[0])
    long_ago(env)
    env.company.sudo().nka_payslip_direct = 2 * MANAGERS
    for month in months():
        close = env["nka.month.close"].with_user(officer).create({"month": month})
        close.action_calculate()
        close.with_user(second).action_approve()
        close.with_user(second).action_lock()
        env.cr.commit()
    lines = env["nka.bonus.line"].search_count([])
    tell(lines=lines, months=len(months()), statements=len(close.sudo().statement_ids))


def verify(env):
    """Compare the months with their integrity hashes, and verify the audit trail.

    :raise UserError: for a month that differs
    """
    officer = env["res.users"].search([("login", "=", "bench-officer")])
    closes = env["nka.month.close"].with_user(officer)
    closes = closes.search([("state", "=", "locked")])
    for close in closes:
        close.action_verify()
    found = env["nka.audit.verification"]._verify(env.company)
    tell(verified=len(closes), is_whole=found.is_whole, events=found.count)
    print(found.message)
    env.cr.commit()


STEPS = {"close": close_months, "verify": verify}
STEPS[os.environ["STEP"]](env)  # noqa: F821
