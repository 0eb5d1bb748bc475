"""Piped into an Odoo shell: builds a month of the bonus ledger in databases of which the
planner knows little: without statistics, with a ledger that was empty, and behind many
reconciliations of earlier years.
"""

import os
import time
from datetime import date, timedelta
from unittest.mock import patch

from odoo.addons.nka_key_accounts.models.ledger import nka_bonus_builder

from benchmarks.bare import best, once, own_accounts, pay_since, plain_insert, yardstick
from benchmarks.behind import fill_behind
from benchmarks.measure import tell

BEHIND = int(os.environ["BEHIND"])
#: What the statement reads, so what a bulk load fills.
READ = [
    "account_move",
    "account_move_line",
    "account_partial_reconcile",
    "account_payment",
    "res_partner",
    "nka_key_account",
    "nka_assignment",
    "nka_bonus_line",
]


class Month:
    """The last month: its bare aggregate and its build from nothing."""

    def __init__(self, env):
        self.env = env
        self.last = date.today().replace(day=1) - timedelta(1)
        self.first = self.last.replace(day=1)
        self.builder = env["nka.bonus.builder"]

    def build(self):
        """Build the month of the ledger."""
        return self.builder._build(self.env.company, self.last)

    def bare(self):
        """Return the seconds of the fastest plain aggregate over the same rows."""
        seconds = yardstick(self.env, self.first, self.last, "0")[0]
        self.env.cr.execute("SET LOCAL random_page_cost TO DEFAULT")
        return seconds

    def time(self, call=best):
        """Return the seconds of a build that is rolled back."""
        return call(self.env, self.build)[0]


def forget(env):
    """Leave the tables as a bulk load does before anything is analyzed.

    As a superuser; a table that was filled and never analyzed has no such rows.
    """
    for table in READ:
        env.cr.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
    # What autovacuum has written before is visible from the next transaction on.
    env.cr.commit()
    env.cr.execute(
        "DELETE FROM pg_statistic WHERE starelid = ANY(%s::regclass[])", [READ]
    )
    env.cr.execute(
        """UPDATE pg_class SET reltuples = -1, relpages = 0, relallvisible = 0
            WHERE oid = ANY(%s::regclass[])
               OR oid IN (SELECT indexrelid FROM pg_index
                           WHERE indrelid = ANY(%s::regclass[]))""",
        [READ, READ],
    )
    env.cr.commit()


def once_more(env, month):
    """Return the seconds of a second build, while the statistics describe the ledger as
    empty.
    """

    def again():
        month.build()
        started = time.perf_counter()
        month.build()
        return time.perf_counter() - started

    with patch.object(nka_bonus_builder, "MANY_LINES", 10**9):
        return once(env, again)[2]


def in_other_states(env, month):
    """Time the month in each state of which the planner knows little."""
    # Builds that were rolled back left their dead rows in the ledger.
    tell(dead_seconds=month.time(once), again_seconds=once_more(env, month))
    forget(env)
    tell(unknown_seconds=month.time(once))
    fill_behind(env.cr, BEHIND)
    env.cr.commit()
    env.cr._cnx.autocommit = True
    env.cr.execute("VACUUM ANALYZE")
    env.cr._cnx.autocommit = False
    tell(behind_bare_seconds=month.bare(), behind_seconds=month.time())


def main(env):
    """Time the month as usual and in each other state, and its plain insert."""
    own_accounts(env)
    month = Month(env)
    pay_since(env, month.first)
    env.cr.commit()
    tell(bare_seconds=month.bare(), usual_seconds=month.time())
    in_other_states(env, month)
    tell(lines=month.build())
    tell(insert_seconds=plain_insert(env))


main(env)  # noqa: F821
