"""Piped into an Odoo shell: runs all scheduled jobs of the addon on three nights.

The first has everything to do, the second nothing, before the third one in a hundred
records of each kind was changed by SQL.
"""

import os
import re
import time

from benchmarks.chain import fill_chain
from benchmarks.measure import tell
from benchmarks.night_records import Records, own_accounts

ACCOUNTS, EVENTS = int(os.environ["ACCOUNTS"]), int(os.environ["EVENTS"])
ADDON = "nka_key_accounts"
CHANGED = {
    # A change that sales history and ledger read again.
    "account_move": """amount_total = amount_total + 0.01,
                       write_date = now() AT TIME ZONE 'UTC'""",
    "account_move_line": "write_date = now() AT TIME ZONE 'UTC'",
    "res_partner": "write_date = now() AT TIME ZONE 'UTC'",
    "nka_stakeholder": "write_date = now() AT TIME ZONE 'UTC'",
    "calendar_event": "write_date = now() AT TIME ZONE 'UTC'",
    "nka_commitment": """promised_value = promised_value + 1,
                         write_date = now() AT TIME ZONE 'UTC'""",
}


def jobs(env):
    """Return model and method of each scheduled job, by its external id."""
    found = env["ir.model.data"].search(
        [("module", "=", ADDON), ("model", "=", "ir.cron")], order="name"
    )
    crons = (
        env["ir.cron"].with_context(active_test=False).browse(found.mapped("res_id"))
    )
    named = zip(found.mapped("name"), crons, strict=True)
    return {
        name: (
            cron.model_id.model,
            re.fullmatch(r"model\.(\w+)\(\)", cron.code).group(1),
        )
        for name, cron in named
    }


def night(env, listed):
    """Run each job in a transaction of its own; return seconds and queries of each."""
    costs = {}
    for name, (model, method) in listed.items():
        env.cr.commit()
        env.invalidate_all()
        queries, started = env.cr.sql_log_count, time.perf_counter()
        getattr(env[model], method)()
        env.flush_all()
        env.cr.commit()
        seconds = time.perf_counter() - started
        costs[name] = (seconds, env.cr.sql_log_count - queries)
    return costs


def change(env):
    """Change one in a hundred invoices, contacts, meetings and commitments; add events."""
    for table, values in CHANGED.items():
        env.cr.execute(f"UPDATE {table} SET {values} WHERE mod(id, 100) = 0")
    fill_chain(env, env.company, EVENTS // 100)
    env.cr.execute("ANALYZE")
    env.cr.commit()


def main(env):
    """Fill the database, and run the nights."""
    own_accounts(env, ACCOUNTS)
    Records(env).fill()
    # Otherwise, each night finds records without an event and verifies everything.
    env["nka.audit.verification"]._record_standing()
    fill_chain(env, env.company, EVENTS)
    env.cr.execute("ANALYZE")
    env.cr.commit()
    listed = jobs(env)
    first, quiet = night(env, listed), night(env, listed)
    change(env)
    tell(first=first, quiet=quiet, changed=night(env, listed))


main(env)  # noqa: F821
