"""A client's orders.

1. *Is it real?* Confirmed orders, whole as they stand; quotations and cancelled ones never.
2. *Whose is it?* Of the account of the order's company or its parents whose client is
   the commercial partner of the order's customer today. Owners count by the day of the order.
3. *How much, when?* Untaxed, in company currency at the order's own rate, on the order
   date, which Odoo sets at the confirmation and its salespeople may change.
4. *Who could have written it?* Any salesperson; nobody confirms it.
"""

from odoo.tools import SQL

from .companies import ACCOUNTS

#: All lines ordered by all accounts: rows ``account``, ``sale``, ``line``, ``template``.
ORDERED_LINES = SQL(
    """%s
       JOIN res_partner party ON party.commercial_partner_id = account.partner_id
       JOIN sale_order sale
         ON sale.partner_id = party.id AND sale.company_id = covered.company_id
        AND sale.state = 'sale'
       JOIN sale_order_line line ON line.order_id = sale.id AND line.display_type IS NULL
  LEFT JOIN product_product product ON product.id = line.product_id
  LEFT JOIN product_template template ON template.id = product.product_tmpl_id""",
    ACCOUNTS,
)
#: Amount of a row ``line`` of an order ``sale`` in company currency.
LINE_AMOUNT = SQL("line.price_subtotal / COALESCE(NULLIF(sale.currency_rate, 0), 1)")
#: From a row ``sold`` of an order to the lines of documents, ``line``, that invoice it.
INVOICING_LINES = SQL(
    """sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
       JOIN account_move_line line ON line.id = rel.invoice_line_id"""
)
#: From a line of a document, ``line``, to the orders that it invoices, ``sale``.
INVOICED_ORDERS = SQL(
    """sale_order_line_invoice_rel rel ON rel.invoice_line_id = line.id
       JOIN sale_order_line sold ON sold.id = rel.order_line_id
       JOIN sale_order sale ON sale.id = sold.order_id"""
)


def domain(company, clients):
    """Domain of the confirmed orders of clients with a company."""
    return [
        ("partner_id.commercial_partner_id", "in", clients.ids),
        ("company_id", "child_of", company.id),
        ("state", "=", "sale"),
    ]
