"""Fills a database with posted customer invoices, payments and reconciliations by SQL.

The rows are copies of an invoice and a payment that Odoo created (originals.py), scaled
by a factor, so every column is as Odoo would have written it. Of ten invoices six are
paid at once, two in two payments, one in part and one not at all. Dates spread over two
years up to today.
"""

import contextlib

from benchmarks.copies import (
    WithoutIndexes,
    bump_sequence,
    insert_copies,
    last_id,
    unchecked_keys,
)
from benchmarks.originals import make_originals

DAYS = 730
# Enough for a list of 2,000 key accounts.
FEWEST_PARTNERS = 2500
TABLES = (
    "account_move",
    "account_move_line",
    "account_payment",
    "account_partial_reconcile",
    "account_full_reconcile",
)

# One row per invoice: client, size (the factor of the original's amounts), date, way of
# payment.
PLAN = """
CREATE TEMP TABLE bench_invoice AS
SELECT i, mod(i, %(partners)s) AS partner_number, partner.id AS partner_id, partner.user_id,
       1 + mod(i::bigint * 7919, 2000) AS k, CURRENT_DATE - mod(i, %(days)s) AS day,
       CASE WHEN mod(i, 10) < 6 THEN 'paid' WHEN mod(i, 10) < 8 THEN 'twice'
            WHEN mod(i, 10) = 8 THEN 'partial' ELSE 'not_paid' END AS kind
  FROM generate_series(1, %(count)s) AS i
  JOIN bench_partner AS partner ON partner.number = mod(i, %(partners)s)
"""
# One row per payment; the second of two pays the rest. 61 is coprime with the number of
# days, so clients of the same day pay on different ones.
PAYMENTS = """
CREATE TEMP TABLE bench_payment AS
SELECT row_number() OVER (ORDER BY i, part) AS n, i, k, partner_id, user_id, part,
       CASE WHEN kind = 'paid' THEN total WHEN part = 1 THEN round(total * 0.4, 2)
            ELSE total - round(total * 0.4, 2) END AS amount,
       LEAST(day + 5 + mod(i, 61) + (part - 1) * 30, CURRENT_DATE) AS day,
       kind IN ('paid', 'twice') AS settles, total
  FROM (SELECT *, k * %(unit_total)s::numeric AS total FROM bench_invoice) AS invoice,
       generate_series(1, CASE kind WHEN 'not_paid' THEN 0 WHEN 'twice' THEN 2 ELSE 1 END) AS part
"""
RESIDUALS = """
ALTER TABLE bench_invoice ADD COLUMN residual numeric;
UPDATE bench_invoice SET residual = CASE kind
    WHEN 'not_paid' THEN k * %(unit_total)s::numeric
    WHEN 'partial' THEN k * %(unit_total)s::numeric - round(k * %(unit_total)s::numeric * 0.4, 2)
    ELSE 0 END;
"""
SCALED_MOVE = [
    "amount_untaxed",
    "amount_tax",
    "amount_total",
    "amount_untaxed_signed",
    "amount_untaxed_in_currency_signed",
    "amount_tax_signed",
    "amount_total_signed",
    "amount_total_in_currency_signed",
    "quick_edit_total_amount",
]
SCALED_LINE = [
    "debit",
    "credit",
    "balance",
    "amount_currency",
    "tax_base_amount",
    "price_unit",
    "price_subtotal",
    "price_total",
    "discount_amount_currency",
    "discount_balance",
]


def fill(env, count, partners=None, fast=True, days=DAYS):
    """Add invoices and their payments; the caller commits.

    :param count: number of invoices.
    :param partners: number of client companies, by default FEWEST_PARTNERS or one per
        200 invoices.
    :param days: number of days up to today over which the invoices spread
    :param fast: rebuild indexes afterwards; not inside a test's transaction.
    """
    cr = env.cr
    originals = make_originals(env)
    env.flush_all()
    unit_total = env["account.move"].browse(originals.invoice).amount_total
    partners = partners or max(FEWEST_PARTNERS, count // 200)
    _partners(env, partners)
    cr.execute(
        PLAN,
        {"count": count, "days": days, "partners": partners},
    )
    cr.execute(RESIDUALS, {"unit_total": unit_total})
    cr.execute(PAYMENTS, {"unit_total": unit_total})
    indexes = WithoutIndexes(cr, TABLES) if fast else contextlib.nullcontext()
    with indexes, unchecked_keys(cr):
        _documents(cr, originals)
    for table in TABLES:
        bump_sequence(cr, table)
    env.invalidate_all()


def _documents(cr, originals):
    start = {table: last_id(cr, table) for table in TABLES}
    _invoices(cr, originals, start)
    _payments(cr, originals, start)
    _reconciliations(cr, originals, start)


def _partners(env, count):
    """Create client companies, each with one of a hundred salespeople."""
    cr = env.cr
    users = _salespeople(env, min(100, count))
    original = env["res.partner"].create(
        {"name": "Client", "is_company": True, "customer_rank": 1}
    )
    env.flush_all()
    start = last_id(cr, "res_partner")
    told = {
        "id": f"{start} + s.i",
        "commercial_partner_id": f"{start} + s.i",
        "name": "'Client ' || s.i",
        "complete_name": "'Client ' || s.i",
        "commercial_company_name": "'Client ' || s.i",
        "user_id": f"(ARRAY{users.ids})[1 + mod(s.i, {len(users)})]",
    }
    insert_copies(
        cr, "res_partner", original.id, told, f"generate_series(1, {count}) AS s(i)"
    )
    bump_sequence(cr, "res_partner")
    cr.execute(
        "CREATE TEMP TABLE bench_partner AS SELECT id, user_id, (id - %s - 1) AS number FROM res_partner WHERE id > %s",
        [start, start],
    )


def _salespeople(env, count):
    group = env.ref("sales_team.group_sale_salesman")
    users = env["res.users"].with_context(no_reset_password=True)
    known = users.search([("login", "=like", "seller-%")])
    wanted = [
        {
            "name": f"Seller {number}",
            "login": f"seller-{number}",
            "group_ids": group.ids,
        }
        for number in range(len(known), count)
    ]
    return known | users.create(wanted)


def _invoices(cr, originals, start):
    source = "bench_invoice AS b"
    move = f"{start['account_move']} + b.i"
    paid = "CASE b.kind WHEN 'not_paid' THEN 'not_paid' WHEN 'partial' THEN 'partial' ELSE 'paid' END"
    name = "'INV/B/' || lpad(b.i::text, 8, '0')"
    told = {
        **_scaled(SCALED_MOVE),
        "id": move,
        "name": name,
        "payment_reference": name,
        "sequence_prefix": "'INV/B/'",
        "sequence_number": "b.i",
        "partner_id": "b.partner_id",
        "commercial_partner_id": "b.partner_id",
        "partner_shipping_id": "b.partner_id",
        "invoice_partner_display_name": "'Client ' || b.partner_number",
        "invoice_user_id": "b.user_id",
        "date": "b.day",
        "invoice_date": "b.day",
        "invoice_date_due": "b.day + 30",
        "payment_state": paid,
        "amount_residual": "b.residual",
        "amount_residual_signed": "b.residual",
        "access_token": "NULL",
    }
    insert_copies(cr, "account_move", originals.invoice, told, source)
    _invoice_lines(cr, originals, start, move, name)


def _invoice_lines(cr, originals, start, move, name):
    common = {
        **_scaled(SCALED_LINE),
        "move_id": move,
        "move_name": name,
        "partner_id": "b.partner_id",
        "date": "b.day",
        "invoice_date": "b.day",
    }
    settled = "b.kind IN ('paid', 'twice')"
    full = f"CASE WHEN {settled} THEN {start['account_full_reconcile']} + b.i END"
    term = {
        "date_maturity": "b.day + 30",
        "name": name,
        "amount_residual": "b.residual",
        "amount_residual_currency": "b.residual",
        "reconciled": settled,
        "full_reconcile_id": full,
        "matching_number": f"({full})::text",
    }
    lines = (
        (originals.term_line, term),
        (originals.income_line, {}),
        (originals.tax_line, {}),
    )
    for place, (original, own) in enumerate(lines):
        if original:
            number = f"{start['account_move_line']} + 3 * (b.i - 1) + {place + 1}"
            insert_copies(
                cr,
                "account_move_line",
                original,
                {**common, **own, "id": number},
                "bench_invoice AS b",
            )
    if originals.tax:
        cr.execute(
            "INSERT INTO account_move_line_account_tax_rel (account_move_line_id, account_tax_id) "
            "SELECT %s + 3 * (i - 1) + 2, %s FROM bench_invoice",
            [start["account_move_line"], originals.tax],
        )


def _payments(cr, originals, start):
    invoices = "(SELECT count(*) FROM bench_invoice)"
    source = f"(SELECT p.*, {start['account_move']} + {invoices} + n AS move_id FROM bench_payment p) AS b"
    name = "'PAY/B/' || lpad(b.n::text, 8, '0')"
    shared = {"partner_id": "b.partner_id", "date": "b.day"}
    payment = f"{start['account_payment']} + b.n"
    _payment_moves(cr, originals, source, {**shared, "name": name}, payment)
    _payment_records(cr, originals, source, {**shared, "name": name}, payment)
    of_line = {"payment_id": payment, "move_name": name}
    _payment_lines(cr, originals, start, source, {**shared, **of_line})


def _payment_moves(cr, originals, source, shared, payment):
    amounts = ("amount_total", "amount_total_signed", "amount_total_in_currency_signed")
    values = {
        **shared,
        **dict.fromkeys(amounts, "b.amount"),
        "id": "b.move_id",
        "sequence_prefix": "'PAY/B/'",
        "sequence_number": "b.n",
        "commercial_partner_id": "b.partner_id",
        "origin_payment_id": payment,
    }
    insert_copies(cr, "account_move", originals.payment_move, values, source)


def _payment_records(cr, originals, source, shared, payment):
    values = {
        **shared,
        "id": payment,
        "move_id": "b.move_id",
        "amount": "b.amount",
        "amount_company_currency_signed": "b.amount",
    }
    insert_copies(cr, "account_payment", originals.payment, values, source)


def _payment_lines(cr, originals, start, source, shared):
    first = f"{start['account_move_line']} + 3 * (SELECT count(*) FROM bench_invoice)"
    common = {
        **shared,
        "move_id": "b.move_id",
        "date_maturity": "b.day",
        "invoice_date": "NULL",
    }
    money = {
        "id": f"{first} + 2 * b.n - 1",
        "debit": "b.amount",
        "balance": "b.amount",
        "amount_currency": "b.amount",
        "amount_residual": "b.amount",
        "amount_residual_currency": "b.amount",
    }
    full = f"CASE WHEN b.settles THEN {start['account_full_reconcile']} + b.i END"
    counterpart = {
        "id": f"{first} + 2 * b.n",
        "credit": "b.amount",
        "balance": "-b.amount",
        "amount_currency": "-b.amount",
        "full_reconcile_id": full,
        "matching_number": f"coalesce(({full})::text, 'P' || {start['account_partial_reconcile']} + b.n)",
    }
    for original, own in (
        (originals.money_line, money),
        (originals.counterpart_line, counterpart),
    ):
        prices = dict.fromkeys(
            ("price_unit", "price_subtotal", "price_total"), own["balance"]
        )
        insert_copies(
            cr, "account_move_line", original, {**common, **prices, **own}, source
        )


def _reconciliations(cr, originals, start):
    settled = "(SELECT i FROM bench_invoice WHERE kind IN ('paid', 'twice')) AS b"
    told = {"id": f"{start['account_full_reconcile']} + b.i"}
    insert_copies(cr, "account_full_reconcile", originals.full, told, settled)
    first = f"{start['account_move_line']} + 3 * (SELECT count(*) FROM bench_invoice)"
    told = {
        "id": f"{start['account_partial_reconcile']} + b.n",
        "debit_move_id": f"{start['account_move_line']} + 3 * (b.i - 1) + 1",
        "credit_move_id": f"{first} + 2 * b.n",
        "amount": "b.amount",
        "debit_amount_currency": "b.amount",
        "credit_amount_currency": "b.amount",
        "max_date": "b.day",
        # Backdated to the day it was booked: every build reads again what is younger
        # than a day.
        "create_date": "b.day",
        "full_reconcile_id": f"CASE WHEN b.settles THEN {start['account_full_reconcile']} + b.i END",
    }
    insert_copies(
        cr, "account_partial_reconcile", originals.partial, told, "bench_payment AS b"
    )
    _mark_partly_paid(cr, start)


def _mark_partly_paid(cr, start):
    cr.execute(
        "UPDATE account_move_line SET matching_number = 'P' || %s + p.n FROM bench_payment p "
        "WHERE NOT p.settles AND account_move_line.id = %s + 3 * (p.i - 1) + 1",
        [start["account_partial_reconcile"], start["account_move_line"]],
    )


def _scaled(columns):
    return {column: f'o."{column}" * b.k' for column in columns}
