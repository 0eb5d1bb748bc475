"""Piped into an Odoo shell: builds a month of the bonus ledger and compares its time
with a plain aggregate query.
"""

import os
import resource
import time
from datetime import date, timedelta
from itertools import product

from dateutil.relativedelta import relativedelta

from odoo.addons.nka_key_accounts.models.ledger import planner
from odoo.addons.nka_key_accounts.models.ledger.nka_bonus_builder import BonusBuilder
from odoo.addons.nka_key_accounts.models.ledger.terms import CreditTerms
from odoo.tools import SQL

from benchmarks.measure import tell

ACCOUNTS = int(os.environ["ACCOUNTS"])
RUNS = int(os.environ.get("RUNS", 3))
MONTHS = int(os.environ.get("MONTHS") or 1)
# Number of managers for which the naive loop runs; the time for all is extrapolated.
LOOPED = int(os.environ.get("LOOPED") or 0)
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


def due_alone(env, builder, last):
    """Calculate what is due without writing it."""
    head = env["nka.bonus.head"]._lock_row(env.company)
    build = builder._prepare_build(env.company, last, False, *head)
    steps = SQL(", ").join(builder._due_ctes(build, "paid"))
    with planner.planned_for(env.cr, build.is_wide):
        env.cr.execute(SQL("WITH %s SELECT COUNT(*), SUM(amount) FROM due", steps))
        return env.cr.fetchone()


def naive(env, users, first, last):
    """Credit payments with the obvious loop: over each manager, client and invoice.

    :return: the credits between two days, and the number of invoices read
    """
    credited, read = 0, 0
    accounts = env["nka.key.account"].search([("manager_id", "in", users)])
    for account in accounts:
        invoices = env["account.move"].search(
            [
                ("commercial_partner_id", "=", account.partner_id.id),
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
            ]
        )
        read += len(invoices)
        for invoice in invoices:
            credited += naive_invoice(invoice, first, last)
    return credited, read


def naive_invoice(invoice, first, last):
    """Return the credits of one invoice between two days, payment by payment."""
    so_far, before, credited = 0, 0, 0
    terms = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
    for partial in terms.matched_credit_ids.sorted(lambda row: (row.max_date, row.id)):
        if not partial.credit_move_id.payment_id:
            continue
        so_far += partial.debit_amount_currency
        part = min(so_far, invoice.amount_total) / invoice.amount_total
        to_date = invoice.currency_id.round(invoice.amount_untaxed_signed * part)
        if first <= partial.max_date <= last:
            credited += to_date - before
        before = to_date
    return credited


def beside_naive(env, first, last):
    """Time the loop for some managers, and compare its result with the ledger."""
    env.cr.execute("SELECT DISTINCT user_id FROM nka_assignment ORDER BY user_id")
    users = [user_id for (user_id,) in env.cr.fetchall()]
    some = users[:LOOPED]
    env.invalidate_all()
    seconds, queries, (credited, read) = once(
        env, lambda: naive(env, some, first, last)
    )
    env.cr.execute(
        "SELECT SUM(amount) FROM nka_bonus_line WHERE user_id = ANY(%s) AND date BETWEEN %s AND %s",
        [some, first, last],
    )
    ledger = float(env.cr.fetchone()[0] or 0)
    tell(
        naive_seconds=seconds * len(users) / len(some),
        naive_queries=queries * len(users) / len(some),
        naive_invoices=read,
        naive_difference=abs(ledger - credited),
    )


def peak():
    """Return the peak memory of this process in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(env):
    """Measure the build of the last months from nothing, and a second build."""
    last = date.today().replace(day=1) - timedelta(1)
    first = last.replace(day=1) - relativedelta(months=MONTHS - 1)
    own_accounts(env)
    pay_since(env, first)
    builder = env["nka.bonus.builder"]
    # rolled-back builds leave dead rows, so the reads are measured first
    aggregate = yardstick(env, first, last, "0")
    shared = yardstick(env, first, last, "2")
    due = best(env, lambda: due_alone(env, builder, last))
    held = peak()
    written = best(env, lambda: builder._build(env.company, last))
    held = peak() - held
    builder._build(env.company, last)
    env.cr.execute("SELECT SUM(amount), COUNT(*) FROM nka_bonus_line")
    credited, lines = env.cr.fetchone()
    again = best(env, lambda: builder._build(env.company, last))
    tell(
        build_seconds=written[0],
        queries=written[1],
        megabytes=held,
        lines=lines,
        bare_seconds=aggregate[0],
        shared_seconds=shared[0],
        due_seconds=due[0],
        again_seconds=again[0],
        difference=abs((credited or 0) - (aggregate[2] or 0)),
    )
    if LOOPED:
        beside_naive(env, first, last)
    tell(insert_seconds=plain_insert(env))


main(env)  # noqa: F821
