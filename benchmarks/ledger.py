"""Piped into an Odoo shell: builds a month of the bonus ledger and compares its time
with a plain aggregate query.
"""

import os
import resource
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo.addons.nka_key_accounts.models.ledger import planner
from odoo.tools import SQL

from benchmarks.bare import best, once, own_accounts, pay_since, plain_insert, yardstick
from benchmarks.measure import tell

MONTHS = int(os.environ.get("MONTHS") or 1)
# Number of managers for which the naive loop runs; the time for all is extrapolated.
LOOPED = int(os.environ.get("LOOPED") or 0)


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
