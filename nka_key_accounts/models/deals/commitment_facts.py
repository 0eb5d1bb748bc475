"""What invoices, payments and orders say about commitments: one query for each type.

Columns: id of the commitment, its figure, number of records compared.
"""

from odoo.tools import SQL

from ..facts import orders, payments, sales
from ..facts.companies import is_covered_sql, is_own_move_sql

EVERY = SQL("TRUE")
#: What the queries below read of an invoice.
_MOVE = SQL(
    """move.id, move.move_type, move.payment_state, move.invoice_date,
       move.amount_untaxed_signed"""
)


def _moves_sql(ids, condition=EVERY):
    """Select the posted invoices of each commitment: those of its order, else those
    of its client since the agreement.

    Columns: item (the commitment's id), and those of the invoice.

    :param SQL condition: on rows ``item`` and ``move``, checked as early as possible
    """
    return SQL(
        """SELECT DISTINCT item.id AS item, %(move)s
             FROM nka_commitment item
             JOIN sale_order_line sold ON sold.order_id = item.order_id
             JOIN %(invoicing)s
             JOIN account_move move ON move.id = line.move_id
            WHERE item.id = ANY(%(ids)s) AND line.parent_state = 'posted'
              AND %(condition)s
           UNION
           SELECT item.id, %(move)s
             FROM nka_commitment item
             JOIN res_partner party
               ON party.commercial_partner_id = item.partner_id
             JOIN account_move move
               ON move.partner_id = party.id AND %(is_covered)s
            WHERE item.id = ANY(%(ids)s) AND item.order_id IS NULL
              AND move.commercial_partner_id = item.partner_id AND %(is_sale)s
              AND move.invoice_date >= item.date_agreed
              AND move.invoice_date >= (SELECT MIN(date_agreed) FROM nka_commitment
                                         WHERE id = ANY(%(ids)s) AND order_id IS NULL)
              AND %(condition)s AND %(is_own)s""",
        move=_MOVE,
        invoicing=orders.INVOICING_LINES,
        is_covered=is_covered_sql(SQL("move.company_id"), SQL("item.company_id")),
        is_sale=sales.IS_SALE,
        is_own=is_own_move_sql(SQL("item.key_account_id")),
        ids=ids,
        condition=condition,
    )


def _booked_sql():
    """Return SQL for a line's amount in company currency, at the order's rate if it
    has the same currency, so that a rate change isn't taken for a breach.
    """
    return SQL(
        """(CASE WHEN line.currency_id = ordered.currency_id
                 THEN line.amount_currency
                      / COALESCE(NULLIF(ordered.currency_rate, 0), 1)
                 ELSE line.balance END)"""
    )


def price_sql(ids):
    """Select the highest price per unit of the product. Fully reversed invoices are
    excluded.
    """
    return SQL(
        """WITH source AS (%s)
           SELECT item.id,
                  MAX(ABS(%s) / (line.quantity * COALESCE(unit.factor, 1)
                                 / COALESCE(NULLIF(usual.factor, 0), 1))),
                  COUNT(*)
             FROM source move
             JOIN nka_commitment item ON item.id = move.item
              AND move.move_type IN %s
              AND move.payment_state IS DISTINCT FROM 'reversed'
             JOIN account_move_line line ON line.move_id = move.id
              AND line.product_id = item.product_id
             JOIN product_product product ON product.id = line.product_id
             JOIN product_template template ON template.id = product.product_tmpl_id
        LEFT JOIN uom_uom unit ON unit.id = line.product_uom_id
        LEFT JOIN uom_uom usual ON usual.id = template.uom_id
        LEFT JOIN sale_order ordered ON ordered.id = item.order_id
            WHERE line.display_type = 'product' AND line.quantity > 0
            GROUP BY item.id""",
        _moves_sql(ids),
        _booked_sql(),
        sales.SALE_TYPES,
    )


def volume_sql(ids):
    """Select the amount or quantity invoiced until the due date."""
    return SQL(
        """WITH source AS (%s)
           SELECT item.id,
                  SUM(CASE WHEN item.value_unit = 'quantity'
                           THEN line.quantity * SIGN(move.amount_untaxed_signed)
                           ELSE -%s END),
                  COUNT(DISTINCT move.id)
             FROM source move
             JOIN nka_commitment item ON item.id = move.item
             JOIN account_move_line line ON line.move_id = move.id
        LEFT JOIN sale_order ordered ON ordered.id = item.order_id
            WHERE line.display_type = 'product'
              AND (item.product_id IS NULL OR line.product_id = item.product_id)
              AND (item.promised_date IS NULL
                   OR move.invoice_date <= item.promised_date)
            GROUP BY item.id""",
        _moves_sql(ids),
        _booked_sql(),
    )


def payment_sql(ids, today, may_be_late=False):
    """Select the longest time in days from an invoice to its last payment. Unpaid
    invoices count until today, fully reversed ones not at all.

    :param bool may_be_late: exclude invoices too new to break the promise, whenever
        they were or will be paid; commitments without another one are missing
    """
    old_enough = SQL(
        """GREATEST(%s::date, (SELECT MAX(max_date) FROM account_partial_reconcile))
           - move.invoice_date > COALESCE(item.promised_value, 0)""",
        today,
    )
    return SQL(
        """WITH source AS (%(source)s), term AS (
                SELECT move.item, move.id, move.invoice_date,
                       BOOL_AND(line.reconciled) AS settled,
                       MAX(part.max_date) AS paid_on
                  FROM source move
                  JOIN account_move_line line ON line.move_id = move.id
                   AND %(is_term)s
             LEFT JOIN account_partial_reconcile part
                    ON part.debit_move_id = line.id
                 GROUP BY 1, 2, 3)
           SELECT item, MAX(CASE WHEN settled THEN COALESCE(paid_on, invoice_date)
                                 ELSE GREATEST(%(today)s, invoice_date) END
                            - invoice_date), COUNT(*)
             FROM term GROUP BY item""",
        source=_moves_sql(ids, old_enough if may_be_late else EVERY),
        is_term=payments.IS_SALE_TERM,
        today=today,
    )


def delivery_sql(ids):
    """Select the delivered percentage, of goods if the order has any: services and
    rebates on it are never delivered.
    """
    return SQL(
        """WITH sold AS (
                SELECT item.id AS item, line.qty_delivered, line.product_uom_qty,
                       template.type = 'consu' AS is_goods,
                       BOOL_OR(template.type = 'consu')
                           OVER (PARTITION BY item.id) AS has_goods
                  FROM nka_commitment item
                  JOIN sale_order_line line ON line.order_id = item.order_id
             LEFT JOIN product_product product ON product.id = line.product_id
             LEFT JOIN product_template template
                    ON template.id = product.product_tmpl_id
                 WHERE item.id = ANY(%s) AND line.display_type IS NULL
                   AND line.price_unit >= 0)
           SELECT item,
                  100.0 * SUM(LEAST(qty_delivered, product_uom_qty))
                        / NULLIF(SUM(product_uom_qty), 0),
                  COUNT(*)
             FROM sold WHERE is_goods OR has_goods IS NOT TRUE
            GROUP BY item""",
        ids,
    )
