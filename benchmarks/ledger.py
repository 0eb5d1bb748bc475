"""Piped into an Odoo shell: builds a month of the bonus ledger and times it beside a bare aggregate."""

import os
import time
from datetime import date, timedelta

from odoo.addons.nka_key_accounts.models.pay.ledger.nka_bonus_builder import (
    BonusBuilder,
)
from odoo.addons.nka_key_accounts.models.pay.ledger.terms import CreditTerms

from benchmarks.measure import tell

ACCOUNTS = int(os.environ["ACCOUNTS"])
RUNS = int(os.environ.get("RUNS") or 3)
LONG_AGO = date(1900, 1, 1)

# What nobody could do without: the money of the month's invoices, cumulated and divided by their totals.
BARE = """
WITH touched AS MATERIALIZED (
    SELECT DISTINCT line.move_id
      FROM account_partial_reconcile partial
      JOIN account_move_line line ON line.id = partial.debit_move_id
     WHERE partial.max_date BETWEEN %(first)s AND %(last)s
), money AS MATERIALIZED (
    SELECT line.move_id, partial.max_date, partial.id,
           partial.debit_amount_currency * LEAST(1, payment.amount / ABS(other.amount_currency)) AS amount
      FROM touched
      JOIN account_move_line line ON line.move_id = touched.move_id
      JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id
      JOIN account_move_line other ON other.id = partial.credit_move_id
      JOIN account_payment payment ON payment.id = other.payment_id
), summed AS (
    SELECT *, SUM(amount) OVER (PARTITION BY move_id ORDER BY max_date, id) AS so_far FROM money
)
SELECT account.manager_id, SUM(
         ROUND(move.amount_untaxed_signed * LEAST(so_far, move.amount_total) / move.amount_total, 2)
         - ROUND(move.amount_untaxed_signed * LEAST(so_far - amount, move.amount_total) / move.amount_total, 2))
  FROM summed
  JOIN account_move move ON move.id = summed.move_id
  JOIN nka_key_account account ON account.partner_id = move.commercial_partner_id
   AND account.company_id = move.company_id
 WHERE max_date BETWEEN %(first)s AND %(last)s
 GROUP BY account.manager_id
"""


def own_accounts(env):
    """Give the first clients to their salespeople since ever, by SQL."""
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
    """Everybody is paid by money that arrived, from a day on: the seam to agreements."""
    env.cr.execute("SELECT DISTINCT user_id FROM nka_assignment")
    users = [user_id for (user_id,) in env.cr.fetchall()]
    terms = [CreditTerms(user_id, "paid", first, date.max) for user_id in users]
    BonusBuilder._credit_terms = lambda self, company: terms


def once(env, call):
    """Seconds and queries of a call that is rolled back, so that the next starts alike."""
    env.cr.execute("SAVEPOINT once")
    queries, started = env.cr.sql_log_count, time.perf_counter()
    found = call()
    env.flush_all()
    seconds = time.perf_counter() - started
    queries = env.cr.sql_log_count - queries
    env.cr.execute("ROLLBACK TO SAVEPOINT once")
    return seconds, queries, found


def best(env, call):
    """The fastest of some runs after a first."""
    once(env, call)
    return min((once(env, call) for _ in range(RUNS)), key=lambda told: told[0])


def bare(env, first, last):
    """Sum the same rows in one bare statement, as a yardstick."""
    env.cr.execute("SET LOCAL random_page_cost = 1.1")
    env.cr.execute(BARE, {"first": first, "last": last})
    return sum(amount for _user_id, amount in env.cr.fetchall() if amount)


def main(env):
    """Measure last month from nothing and once more."""
    last = date.today().replace(day=1) - timedelta(1)
    first = last.replace(day=1)
    own_accounts(env)
    pay_since(env, first)
    builder = env["nka.bonus.builder"]
    written = best(env, lambda: builder._build(env.company, last))
    aggregate = best(env, lambda: bare(env, first, last))
    builder._build(env.company, last)
    env.cr.execute("SELECT SUM(amount), COUNT(*) FROM nka_bonus_line")
    credited, lines = env.cr.fetchone()
    again = best(env, lambda: builder._build(env.company, last))
    tell(
        build_seconds=written[0],
        queries=written[1],
        lines=lines,
        bare_seconds=aggregate[0],
        again_seconds=again[0],
        difference=abs((credited or 0) - (aggregate[2] or 0)),
    )


main(env)  # noqa: F821
