"""``paper``: the candidates with the days and amounts that decide about them."""

from odoo.tools import SQL

CUSTOMER_TYPES = ("out_invoice", "out_refund", "out_receipt")


def papers_cte(build):
    """``paper``: the customer papers among the candidates, with the account and
    the days that decide about them. A credit note goes by its source's days.
    """
    return SQL("%s, %s", _ordered_cte(), _paper_cte(build))


def _ordered_cte():
    """``ordered``: the day a paper's goods were first ordered on."""
    return SQL("""
        ordered AS MATERIALIZED (
            SELECT line.move_id, MIN(sale.date_order) AS date_order
              FROM wanted
              JOIN account_move_line line ON line.move_id = wanted.id
              JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = line.id
              JOIN sale_order_line sold ON sold.id = rel.order_line_id
              JOIN sale_order sale ON sale.id = sold.order_id
             GROUP BY line.move_id
        )""")


def _paper_cte(build):
    return SQL(
        """paper AS MATERIALIZED (
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
              FROM wanted
              JOIN account_move move ON move.id = wanted.id
              JOIN res_currency currency ON currency.id = move.currency_id
              LEFT JOIN account_move source
                ON source.id = move.reversed_entry_id AND move.move_type = 'out_refund'
               AND source.move_type IN ('out_invoice', 'out_receipt')
              JOIN nka_key_account account
                ON account.partner_id = COALESCE(source.commercial_partner_id,
                                                 move.commercial_partner_id)
               AND account.company_id = move.company_id
              LEFT JOIN ordered ON ordered.move_id = move.id
              LEFT JOIN ordered by_source ON by_source.move_id = source.id
             WHERE move.company_id = %(company)s
               AND move.move_type IN %(types)s
        )""",
        zone=build.zone,
        company=build.company.id,
        types=CUSTOMER_TYPES,
    )
