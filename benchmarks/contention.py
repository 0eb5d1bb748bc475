"""Piped into an Odoo shell: closes a month in real transactions and measures each step.

With ACTORS it waits until contention_actors.py is running, and ends it.
"""

import os
import time
from functools import partial

from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, api
from odoo.service.model import retrying

from benchmarks.measure import OVER, READY, STARTED, flag, is_flagged, tell
from benchmarks.people import (
    agree,
    employ,
    long_ago,
    month_to_close,
    own_accounts,
    person,
    plan,
)

MANAGERS, ACCOUNTS = int(os.environ["MANAGERS"]), int(os.environ["ACCOUNTS"])
HAS_ACTORS = os.environ["ACTORS"] != "0"


def prepare(env):
    """Commit managers with accounts and agreements, and the month to be closed.

    :return: ids of the month and of the two officers
    """
    env = env(context={**env.context, "tracking_disable": True})
    month = month_to_close()
    since = month.replace(month=1) - relativedelta(years=1)
    officers = [
        person(env, name, "group_key_account_payroll_officer")
        for name in ("officer", "second")
    ]
    terms = plan(
        env, officers[0], person(env, "admin", "group_key_account_admin"), since
    )
    people = employ(env, MANAGERS, since)
    own_accounts(env, people.user_id, ACCOUNTS)
    agree(env, people, terms, since)
    long_ago(env)
    env.company.sudo().nka_payslip_direct = 0
    close = env["nka.month.close"].with_user(officers[0]).create({"month": month})
    env.cr.commit()
    env.cr.execute("ANALYZE")
    env.cr.commit()
    return close.id, officers[0].id, officers[1].id


class Run:
    """Steps run like requests: each in a transaction that Odoo tries up to five times."""

    def __init__(self, registry):
        self.registry = registry
        self.attempts = 0

    def step(self, user_id, work):
        """Return the seconds of a step with its commit, and the number of attempts."""
        self.attempts = 0
        started = time.perf_counter()
        with self.registry.cursor() as cursor:
            env = api.Environment(cursor, user_id, {})
            found = retrying(partial(self._try, work, env), env)
        return time.perf_counter() - started, found

    def _try(self, work, env):
        self.attempts += 1
        return work(env)


def close_month(registry, close_id, officer_id, second_id):
    """Return the seconds of each step, and how many steps were retried."""
    run, told, again = Run(registry), {}, 0
    for name, user_id in (
        ("calculate", officer_id),
        ("approve", second_id),
        ("lock", second_id),
    ):

        def act(env, name=name):
            getattr(env["nka.month.close"].browse(close_id), f"action_{name}")()

        told[f"{name}_seconds"], _found = run.step(user_id, act)
        again += run.attempts - 1

    def make(env):
        return env["nka.payslip.job"]._make_some()

    told["slips_seconds"] = 0
    made = True
    while made:
        seconds, made = run.step(SUPERUSER_ID, make)
        told["slips_seconds"] += seconds
        again += run.attempts - 1
    return {**told, "again": again}


def unpaid(registry, close_id):
    """Return the number of statements without a finished payslip."""
    with registry.cursor() as cursor:
        env = api.Environment(cursor, SUPERUSER_ID, {})
        statements = env["nka.month.close"].browse(close_id).statement_ids
        return len(statements.filtered(lambda row: row.payslip_id.state != "done"))


def main(env):
    """Prepare, wait for the other program, close, and signal that the month is closed."""
    registry, ids = env.registry, prepare(env)
    if HAS_ACTORS:
        flag(registry, STARTED)
        # The other program signals when it has measured its users' steps alone.
        while not is_flagged(registry, READY):
            time.sleep(0.1)
    try:
        told = close_month(registry, *ids)
    finally:
        flag(registry, OVER)
    tell(**told, unpaid=unpaid(registry, ids[0]))


main(env)  # noqa: F821
