"""``invoice``: the candidates with the days and amounts that decide about them."""

from odoo.tools import SQL

from ..facts.joining import is_own_sql
from ..facts.orders import INVOICED_ORDERS
from ..facts.sales import CUSTOMER_TYPES, SALE_TYPES
from .candidates_sql import only_wanted


def invoices_cte(build):
    """``invoice``: the customer documents among the candidates, with the account and
    the days that decide about them. A credit note goes by its source's days.
    """
    steps = [_ordered_cte(build), _reversed_cte(build), _invoice_cte(build)]
    return SQL(", ").join(steps)


def _ordered_cte(build):
    """``ordered``: the day an invoice's goods were first ordered on."""
    return SQL(
        """ordered AS MATERIALIZED (
            SELECT line.move_id, MIN(sale.date_order) AS date_order
              FROM account_move_line line
              %s
              JOIN %s
             GROUP BY line.move_id
        )""",
        only_wanted(build, "line.move_id"),
        INVOICED_ORDERS,
    )


def _reversed_cte(build):
    """``reversed``: what a credit note takes back, by the note's id.

    Found for the few notes, so that no other invoice is looked through for its source.
    """
    return SQL(
        """reversed AS MATERIALIZED (
            SELECT note.id AS note_id, source.id, source.invoice_date, source.date,
                   source.commercial_partner_id, source.partner_id
              FROM account_move note
              %s
              JOIN account_move source ON source.id = note.reversed_entry_id
             WHERE note.company_id = %s AND note.move_type = 'out_refund'
               AND source.move_type IN %s
        )""",
        only_wanted(build, "note.id"),
        build.company.id,
        SALE_TYPES,
    )


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
                       (COALESCE(ordered.date_order, by_source.date_order)
                            AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date,
                       source.invoice_date, source.date,
                       move.invoice_date, move.date) AS order_date
              FROM account_move move
              %(only_wanted)s
              JOIN res_currency currency ON currency.id = move.currency_id
              LEFT JOIN reversed source ON source.note_id = move.id
              JOIN nka_key_account account
                ON account.partner_id = COALESCE(source.commercial_partner_id,
                                                 move.commercial_partner_id)
               AND account.company_id = move.company_id
              LEFT JOIN ordered ON ordered.move_id = move.id
              LEFT JOIN ordered by_source ON by_source.move_id = source.id
             WHERE move.company_id = %(company)s
               AND move.move_type IN %(types)s
               AND %(counts)s
        )""",
        only_wanted=only_wanted(build, "move.id"),
        zone=build.zone,
        company=build.company.id,
        types=CUSTOMER_TYPES,
        # What a contact bought before it became part of the client is no sale of the client.
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
