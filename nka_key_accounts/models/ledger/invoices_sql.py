"""``invoice``: the candidates with the days and amounts that decide about them.
``slice``: the parts of those with orders of several days.
"""

from odoo.tools import SQL

from ..facts.companies import is_own_sql
from ..facts.orders import linked_ctes
from ..facts.sales import CUSTOMER_TYPES, SALE_TYPES
from .candidates_sql import only_wanted


def invoices_cte(build, parts):
    """Return the CTEs up to ``invoice``: customer documents among the candidates, with
    the account and the days that decide about them.

    A credit note counts by its source's days.

    :param build: Build
    :param ordered.Parts parts: of documents whose orders count by several days each
    """
    steps = [
        linked_ctes(only_wanted(build, "line.move_id"), build.companies),
        _ordered_cte(),
        _reversed_cte(build),
        parts.cte(),
        _own_slice_ctes(),
        _slice_cte(),
        _invoice_cte(build),
    ]
    return SQL(", ").join(steps)


def _ordered_cte():
    """Return the CTE ``ordered``: first and last day of a document's orders, and the
    total of their lines.

    If it is the whole document and a single day, nothing needs to be divided.
    """
    return SQL("""
        ordered AS MATERIALIZED (
            SELECT move_id, MIN(day) AS first_day, MAX(day) AS last_day,
                   SUM(amount) AS amount
              FROM linked WHERE day IS NOT NULL GROUP BY move_id
        )""")


def _reversed_cte(build):
    """Return the CTE ``reversed``: documents that credit notes reverse, by note id.

    It starts from the few notes, so that no other invoice is searched for its source.
    """
    return SQL(
        """reversed AS MATERIALIZED (
            SELECT note.id AS note_id, source.id, source.invoice_date, source.date,
                   source.commercial_partner_id, source.partner_id,
                   note.amount_untaxed_signed
                       / NULLIF(source.amount_untaxed_signed, 0) AS part
              FROM account_move note
              %s
              JOIN account_move source ON source.id = note.reversed_entry_id
             WHERE %s AND note.move_type = 'out_refund'
               AND source.move_type IN %s
        )""",
        only_wanted(build, "note.id"),
        build.is_own("note.company_id"),
        SALE_TYPES,
    )


def _own_slice_ctes():
    """Return the CTEs up to ``own_slice``: amounts of a document by order date.

    Lines without an order count on the document's date. Negative amounts are deducted
    from the others in proportion, so that no one gets more than the document's amount.
    The last line's day gets the remainder, including cash rounding.
    """
    return SQL(", ").join([_dated_ctes(), _numbered_cte()])


def _dated_ctes():
    """Return the CTEs up to ``dated``: document amounts by day, negatives netted."""
    return SQL("""
        mixed AS MATERIALIZED (
            SELECT move.id, move.amount_untaxed_signed AS untaxed,
                   COALESCE(move.invoice_date, move.date) AS own_date
              FROM ordered JOIN account_move move ON move.id = ordered.move_id
             WHERE first_day != last_day OR amount != move.amount_untaxed_signed
                OR move.id IN (SELECT move_id FROM ordered_part)
        ), daily AS MATERIALIZED (
            SELECT move_id, day, SUM(amount) AS amount, MAX(place) AS last_line
              FROM (SELECT mixed.id AS move_id, COALESCE(linked.day, mixed.own_date) AS day,
                           -line.balance AS amount, ARRAY[line.sequence, line.id] AS place
                      FROM mixed
                      JOIN account_move_line line ON line.move_id = mixed.id
                       AND line.display_type = 'product'
                      LEFT JOIN linked ON linked.id = line.id
                     WHERE line.id NOT IN (SELECT line_id FROM ordered_line)
                     UNION ALL
                    SELECT part.move_id, part.day, part.amount,
                           ARRAY[part.sequence, part.line_id]
                      FROM mixed JOIN ordered_part part ON part.move_id = mixed.id
                   ) AS parts
             GROUP BY move_id, day
            HAVING ROUND(SUM(amount), 6) != 0
        ), summed AS (
            SELECT daily.*, SUM(amount) OVER whole AS net,
                   SUM(amount) FILTER (WHERE amount > 0) OVER whole AS more,
                   SUM(amount) FILTER (WHERE amount < 0) OVER whole AS less
              FROM daily
            WINDOW whole AS (PARTITION BY move_id)
        ), dated AS MATERIALIZED (
            SELECT mixed.id AS move_id, mixed.untaxed, day, last_line,
                   CASE WHEN more IS NULL OR less IS NULL THEN amount
                        WHEN net > 0 THEN amount * net / more
                        ELSE amount * net / less END AS amount
              FROM summed JOIN mixed ON mixed.id = summed.move_id
             WHERE more IS NULL OR less IS NULL OR amount * ROUND(net, 6) > 0
        )""")


def _numbered_cte():
    return SQL("""
        own_slice AS MATERIALIZED (
            SELECT move_id, day, position, slices,
                   CASE WHEN position = slices
                        THEN untaxed - (SUM(amount) OVER whole - amount)
                        ELSE amount END AS amount
              FROM (SELECT dated.*,
                           ROW_NUMBER() OVER (PARTITION BY move_id
                                                  ORDER BY last_line, day) AS position,
                           COUNT(*) OVER (PARTITION BY move_id) AS slices
                      FROM dated) AS numbered
            WINDOW whole AS (PARTITION BY move_id)
        )""")


def _slice_cte():
    """Return the CTE ``slice``: the parts of documents whose lines differ.

    A credit note reverses all parts of its source in proportion.
    """
    return SQL("""
        slice AS MATERIALIZED (
            SELECT move_id, day, position, slices, amount
              FROM own_slice
             WHERE move_id NOT IN (SELECT note_id FROM reversed WHERE part IS NOT NULL)
             UNION ALL
            SELECT reversed.note_id, day, position, slices, amount * reversed.part
              FROM own_slice
              JOIN reversed ON reversed.id = own_slice.move_id
             WHERE reversed.part IS NOT NULL
        )""")


def _invoice_cte(build):
    return SQL(
        """invoice AS MATERIALIZED (
            SELECT move.id, move.name, move.move_type, account.id AS account_id,
                   move.amount_untaxed_signed AS untaxed, move.amount_total AS total,
                   move.amount_untaxed AS document_untaxed, move.currency_id,
                   move.state = 'posted' AS is_posted,
                   CASE WHEN move.state = 'posted' AND move.move_type != 'out_refund'
                        THEN move.id END AS invoice_id,
                   CASE WHEN move.state = 'posted' AND move.move_type = 'out_refund'
                        THEN move.id END AS refund_id,
                   COALESCE(move.invoice_date, move.date) AS own_date,
                   currency.decimal_places AS digits,
                   source.id AS source_id,
                   COALESCE(source.invoice_date, source.date,
                            move.invoice_date, move.date) AS basis_date,
                   COALESCE(
                       CASE WHEN source.id IS NULL THEN ordered.first_day
                            ELSE by_source.first_day END,
                       source.invoice_date, source.date,
                       move.invoice_date, move.date) AS order_date
              FROM account_move move
              %(only_wanted)s
              JOIN res_currency currency ON currency.id = move.currency_id
              LEFT JOIN reversed source ON source.note_id = move.id
              JOIN nka_key_account account
                ON account.partner_id = COALESCE(source.commercial_partner_id,
                                                 move.commercial_partner_id)
               AND account.company_id = %(company)s
              LEFT JOIN ordered ON ordered.move_id = move.id
              LEFT JOIN ordered by_source ON by_source.move_id = source.id
             WHERE %(is_own)s
               AND move.move_type IN %(types)s
               AND %(counts)s
        )""",
        only_wanted=only_wanted(build, "move.id"),
        company=build.company.id,
        is_own=build.is_own("move.company_id"),
        types=CUSTOMER_TYPES,
        # What a contact bought before it became part of the client isn't a sale to the
        # client.
        counts=is_own_sql(
            "move",
            SQL("account.id"),
            SQL("COALESCE(source.partner_id, move.partner_id)"),
            SQL(
                "COALESCE(source.invoice_date, source.date, move.invoice_date, move.date)"
            ),
            SQL("COALESCE(source.id, move.id)"),
        ),
    )
