"""The rows of the ledger's benchmarks: accounts, terms, and the plain aggregate that a
build is held against.
"""

import os
import time
from datetime import date
from itertools import product

from odoo.addons.nka_key_accounts.models.ledger.nka_bonus_builder import BonusBuilder
from odoo.addons.nka_key_accounts.models.ledger.terms import CreditTerms

ACCOUNTS = int(os.environ["ACCOUNTS"])
RUNS = int(os.environ.get("RUNS", 3))
LONG_AGO = date(1900, 1, 1)

# The minimum work: payments of key accounts' invoices, cumulated and divided by their
# totals.
BARE = """
SELECT manager_id,
       SUM(ROUND(untaxed * LEAST(so_far, total) / total, 2)
           - ROUND(untaxed * LEAST(so_far - amount, total) / total, 2))
  FROM (SELECT *, SUM(amount) OVER (PARTITION BY id ORDER BY max_date, partial_id) AS so_far
          FROM (SELECT account.manager_id, move.id, move.amount_untaxed_signed AS untaxed,
                       move.amount_total AS total, partial.id AS partial_id, partial.max_date,
                       partial.debit_amount_currency
                           * LEAST(1, payment.amount / ABS(other.amount_currency)) AS amount
                  FROM nka_key_account account
                  JOIN account_move move ON move.commercial_partner_id = account.partner_id
                   AND move.company_id = account.company_id
                  JOIN account_move_line line ON line.move_id = move.id
                  JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id
                  JOIN account_move_line other ON other.id = partial.credit_move_id
                  JOIN account_payment payment ON payment.id = other.payment_id
                 WHERE {of}) AS money) AS summed
 WHERE max_date BETWEEN %(first)s AND %(last)s
 GROUP BY manager_id
"""
# All invoices, or only those paid on the days: which is faster depends on the days.
OF_ALL = "TRUE"
OF_PAID = """move.id IN (
    SELECT line.move_id FROM account_partial_reconcile partial
      JOIN account_move_line line ON line.id = partial.debit_move_id
     WHERE partial.max_date BETWEEN %(first)s AND %(last)s)"""


def own_accounts(env):
    """Assign the first clients to their salespeople with an early start date, by SQL."""
    env.cr.execute(
        """INSERT INTO nka_key_account (partner_id, company_id, state, manager_id, cadence_days)
           SELECT id, %s, 'key', user_id, 30 FROM res_partner
            WHERE user_id IS NOT NULL AND is_company AND parent_id IS NULL
            ORDER BY id LIMIT %s""",
        [env.company.id, ACCOUNTS],
    )
    env.cr.execute(
        """INSERT INTO nka_assignment (key_account_id, company_id, user_id, share, date_from)
           SELECT id, company_id, manager_id, 100, %s FROM nka_key_account
            WHERE manager_id IS NOT NULL""",
        [LONG_AGO],
    )
    env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
    env.cr.execute("ANALYZE nka_key_account; ANALYZE nka_assignment")


def pay_since(env, first):
    """Patch the terms so that every manager is paid by payments received from a day on."""
    env.cr.execute("SELECT DISTINCT user_id FROM nka_assignment")
    users = [user_id for (user_id,) in env.cr.fetchall()]
    terms = [CreditTerms(user_id, "paid", first, date.max) for user_id in users]
    BonusBuilder._credit_terms = lambda self, company: terms


def once(env, call):
    """Return seconds and queries of a call that is rolled back, so that each starts
    alike.
    """
    env.cr.execute("SAVEPOINT once")
    queries, started = env.cr.sql_log_count, time.perf_counter()
    found = call()
    env.flush_all()
    seconds = time.perf_counter() - started
    queries = env.cr.sql_log_count - queries
    env.cr.execute("ROLLBACK TO SAVEPOINT once")
    return seconds, queries, found


def best(env, call):
    """Return the fastest of some runs after a first one, or the first if there are no
    others.
    """
    first = once(env, call)
    further = (once(env, call) for _ in range(RUNS))
    return min(further, key=lambda told: told[0], default=first)


def bare(env, first, last, of, page_cost, helpers):
    """Sum the same rows in one plain query, as the baseline.

    :param of: which invoices are read, all or the paid ones
    :param page_cost: the planner's ``random_page_cost``
    :param helpers: maximum number of parallel worker processes
    """
    env.cr.execute(
        """SELECT set_config('random_page_cost', %s, TRUE),
                  set_config('max_parallel_workers_per_gather', %s, TRUE)""",
        [page_cost, helpers],
    )
    env.cr.execute(BARE.format(of=of), {"first": first, "last": last})
    return sum(amount for _user_id, amount in env.cr.fetchall() if amount)


def yardstick(env, first, last, helpers):
    """Return the fastest plan of the plain query: by index or by sequential scan."""
    told = [
        best(env, lambda how=how: bare(env, first, last, *how, helpers))
        for how in product((OF_ALL, OF_PAID), ("1.1", "4"))
    ]
    return min(told, key=lambda one: one[0])


def plain_insert(env):
    """Return the seconds to insert the calculated ledger rows into an empty table like
    it.
    """
    env.cr.execute(
        """CREATE TABLE bench_rows AS SELECT * FROM nka_bonus_line;
           CREATE TABLE bench_twin (LIKE nka_bonus_line INCLUDING ALL)"""
    )
    env.cr.execute(
        """SELECT pg_get_constraintdef(oid) FROM pg_constraint
            WHERE conrelid = 'nka_bonus_line'::regclass AND contype = 'f'"""
    )
    for (reference,) in env.cr.fetchall():
        env.cr.execute(f"ALTER TABLE bench_twin ADD {reference}")
    # PostgreSQL has a faster path for writes to a table created in the same transaction
    env.cr.commit()
    statement = "INSERT INTO bench_twin SELECT * FROM bench_rows"
    return best(env, lambda: env.cr.execute(statement))[0]
