"""A client's orders, the day each of them counts on, and which of them an invoice is for.

1. *Is it real?* Confirmed orders, whole as they stand; quotations and cancelled ones never.
   What a posted invoice was for stays: an order that is cancelled, deleted or given to
   another client afterwards changes no invoice.
2. *Whose is it?* Of the account of the order's company or its parents whose client is
   the commercial partner of the order's customer today; for an invoice, of the customer
   it was confirmed for. An order counts for an invoice of its own client only. Owners
   count by the day of the order.
3. *How much, when?* Untaxed, in company currency at the order's own rate, on the day of
   the confirmation (``nka.order.confirmation``), in the time zone of the order's company.
   Each line of an invoice counts by its own order, ``-balance`` of it.
4. *Who could have written it?* Any salesperson confirms an order, now; the day is the
   server's, and a supervisor moves it, with a reason. Which order a line is for is
   confirmed by whoever posts the invoice (``nka.order.link``).
"""

from pytz import timezone, utc

from odoo.tools import SQL

from . import calendars
from .companies import ACCOUNTS, is_own_sql

#: From a row ``sale`` to its confirmation, if it has one.
CONFIRMED = SQL(
    "nka_order_confirmation confirmation ON confirmation.order_ref = sale.id"
)
#: Local day of a moment of a row ``sale``, in the time zone of the order's company.
LOCAL_DAY = SQL(
    """(sale.date_order AT TIME ZONE 'UTC' AT TIME ZONE COALESCE((
            SELECT calendar.tz FROM res_company company
              JOIN resource_calendar calendar ON calendar.id = company.resource_calendar_id
             WHERE company.id = sale.company_id), 'UTC'))::date"""
)
#: The day an order counts on, of rows ``sale`` and ``confirmation`` (``CONFIRMED``): kept at
#: the confirmation; the order date, where the client was no key account's and nobody has
#: written it since.
ORDER_DAY = SQL("COALESCE(confirmation.date, %s)", LOCAL_DAY)

#: Whether an order counts for a row ``account``: it isn't of before a joining.
IS_OWN_ORDER = is_own_sql(
    "order", SQL("account.id"), SQL("sale.partner_id"), ORDER_DAY, SQL("sale.id")
)

#: All lines ordered by all accounts: rows ``account``, ``sale``, ``confirmation``, ``line``,
#: ``template``; those that count for the account by ``IS_OWN_ORDER``.
ORDERED_LINES = SQL(
    """%s
       JOIN res_partner party ON party.commercial_partner_id = account.partner_id
       JOIN sale_order sale
         ON sale.partner_id = party.id AND sale.company_id = covered.company_id
        AND sale.state = 'sale'
       JOIN sale_order_line line ON line.order_id = sale.id AND line.display_type IS NULL
  LEFT JOIN %s
  LEFT JOIN product_product product ON product.id = line.product_id
  LEFT JOIN product_template template ON template.id = product.product_tmpl_id""",
    ACCOUNTS,
    CONFIRMED,
)
#: Amount of a row ``line`` of an order ``sale`` in company currency.
LINE_AMOUNT = SQL("line.price_subtotal / COALESCE(NULLIF(sale.currency_rate, 0), 1)")
#: From a row ``sold`` of an order to the lines of documents, ``line``, that invoice it.
INVOICING_LINES = SQL(
    """sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
       JOIN account_move_line line ON line.id = rel.invoice_line_id"""
)


def local_day(company, moment):
    """Day of a moment in the time zone of a company's days.

    :param datetime moment: in UTC, naive
    :rtype: date
    """
    zone = timezone(calendars.zone_name(company))
    return utc.localize(moment).astimezone(zone).date()


def linked_ctes(wanted, companies, with_orders=False):
    """``linked``: document, line, its amount and the day of its order, of each line that is
    for an order; of several orders the first day. Where no order of it counts there is
    no day. What counts is no condition of a join: it would look far rarer than it is.

    :param SQL wanted: a join that leaves some documents of ``line.move_id``, or nothing
    :param companies: ids of the companies whose orders count, a list or an SQL array
    :param bool with_orders: tell the ids of the orders that count, too, as ``order_ids``
    """
    counts = SQL(
        """party.commercial_partner_id = move.commercial_partner_id
           AND COALESCE(confirmation.company_id, sale.company_id) = ANY(%s)
           AND (confirmation.order_ref IS NOT NULL
                OR sale.state = 'sale' AND NOT linking.is_kept)""",
        companies,
    )
    orders = SQL()
    if with_orders:
        orders = SQL(
            ", ARRAY_AGG(linking.order_id) FILTER (WHERE %s) AS order_ids", counts
        )
    return SQL(
        """linking AS MATERIALIZED (
            SELECT line.move_id, line.id, -line.balance AS amount, sold.order_id,
                   FALSE AS is_kept
              FROM account_move_line line
              %(wanted)s
              JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = line.id
              JOIN sale_order_line sold ON sold.id = rel.order_line_id
             WHERE line.display_type = 'product'
               AND NOT EXISTS (SELECT FROM nka_order_link late
                                WHERE late.line_ref = line.id
                                  AND late.order_ref = sold.order_id AND NOT late.counts)
             UNION ALL
            SELECT line.move_id, line.id, -line.balance, kept.order_ref, TRUE
              FROM nka_order_link kept
              JOIN account_move_line line
                ON line.id = kept.line_ref AND line.display_type = 'product'
              %(wanted)s
             WHERE kept.counts
        ), linked AS MATERIALIZED (
            SELECT linking.move_id, linking.id, MIN(linking.amount) AS amount,
                   MIN(%(order_day)s) FILTER (WHERE %(counts)s) AS day %(orders)s
              FROM linking
              JOIN account_move move ON move.id = linking.move_id
         LEFT JOIN sale_order sale ON sale.id = linking.order_id
         LEFT JOIN nka_order_confirmation confirmation
                ON confirmation.order_ref = linking.order_id
         LEFT JOIN res_partner party
                ON party.id = COALESCE(confirmation.partner_id, sale.partner_id)
             GROUP BY linking.move_id, linking.id
        )""",
        order_day=ORDER_DAY,
        wanted=wanted,
        counts=counts,
        orders=orders,
    )


def domain(company, clients):
    """Domain of the confirmed orders of clients with a company."""
    return [
        ("partner_id.commercial_partner_id", "in", clients.ids),
        ("company_id", "child_of", company.id),
        ("state", "=", "sale"),
    ]
