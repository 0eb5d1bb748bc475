"""Orders of clients, the day each counts on, and the orders an invoice is for.

1. *Is it real?* Confirmed orders, in full; never quotations or cancelled orders. A
   posted invoice keeps what it was for: cancelling or deleting an order afterwards, or
   giving it to another client, changes no invoice.
2. *Whose is it?* Of the account of the order's company or its parents whose client is
   the commercial partner of the order's customer today; for an invoice, of the customer
   it was confirmed for. An order counts only for invoices of its own client. What a
   contact ordered before it became part of the client isn't the client's. Owners count
   by the day of the order.
3. *How much, when?* Untaxed, in company currency at the order's own rate, on the day of
   confirmation (``nka.order.confirmation``), in the time zone of the order's company.
   Each line of an invoice counts by its own order, with its ``-balance``.
4. *Who could have written it?* Any salesperson confirms an order, now. The server sets
   the day; supervisors can correct it with a reason. Posting the invoice confirms which
   order a line is for (``nka.order.link``).
"""

from pytz import timezone, utc

from odoo.tools import SQL

from . import calendars
from .companies import ACCOUNTS, is_covered_sql, is_own_sql, was_part_sql

#: Join from a row ``sale`` to its confirmation, if any.
CONFIRMED = SQL(
    "nka_order_confirmation confirmation ON confirmation.order_ref = sale.id"
)
#: Local day of the order date of a row ``sale``, in the time zone of the order's
#: company.
LOCAL_DAY = SQL(
    """(sale.date_order AT TIME ZONE 'UTC' AT TIME ZONE COALESCE((
            SELECT calendar.tz FROM res_company company
              JOIN resource_calendar calendar ON calendar.id = company.resource_calendar_id
             WHERE company.id = sale.company_id), 'UTC'))::date"""
)
#: The day an order counts on, from rows ``sale`` and ``confirmation`` (``CONFIRMED``):
#: the recorded day, else the order date, if the client was no key account and no user
#: has changed it since.
ORDER_DAY = SQL("COALESCE(confirmation.date, %s)", LOCAL_DAY)

#: Whether an order counts for a row ``account``, so isn't from before a joining.
IS_OWN_ORDER = is_own_sql(
    "order",
    SQL("account.id"),
    SQL("COALESCE(confirmation.partner_id, sale.partner_id)"),
    ORDER_DAY,
    SQL("sale.id"),
)

#: All confirmed orders of all accounts: rows ``account``, ``sale``, ``confirmation``.
#: ``IS_OWN_ORDER`` selects those that count for the account.
ORDERS = SQL(
    """%s
       JOIN res_partner party ON party.commercial_partner_id = account.partner_id
       JOIN sale_order sale
         ON sale.partner_id = party.id AND sale.company_id = covered.company_id
        AND sale.state = 'sale'
  LEFT JOIN %s""",
    ACCOUNTS,
    CONFIRMED,
)


def lines_sql(documents):
    """Return the lines of orders: rows ``line`` and ``template``.

    :param SQL documents: rows ``account``, ``sale`` and ``confirmation``, such as
        ``ORDERS``
    """
    return SQL(
        """%s
       JOIN sale_order_line line ON line.order_id = sale.id AND line.display_type IS NULL
  LEFT JOIN product_product product ON product.id = line.product_id
  LEFT JOIN product_template template ON template.id = product.product_tmpl_id""",
        documents,
    )


#: All lines ordered by all accounts, see ``ORDERS``.
ORDERED_LINES = lines_sql(ORDERS)
#: Amount of a row ``line`` of an order ``sale`` in company currency.
LINE_AMOUNT = SQL("line.price_subtotal / COALESCE(NULLIF(sale.currency_rate, 0), 1)")
#: Join from an order line ``sold`` to the document lines ``line`` that invoice it.
INVOICING_LINES = SQL(
    """sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
       JOIN account_move_line line ON line.id = rel.invoice_line_id"""
)


def local_day(company, moment):
    """Return the day of a moment in the time zone of a company's days.

    :param company: res.company
    :param datetime moment: naive UTC
    :rtype: date
    """
    zone = timezone(calendars.zone_name(company))
    return utc.localize(moment).astimezone(zone).date()


def linked_ctes(wanted, companies, with_orders=False):
    """Return the CTEs up to ``linked``: document, line, amount and order day of each
    line that is for an order.

    With several orders, the first day applies; the day is NULL if no order counts.
    Counting isn't a join condition, because the planner would underestimate its rows.

    :param SQL wanted: join that selects documents by ``line.move_id``, or empty
    :param companies: ids of the companies whose orders count, as a list or SQL array
    :param bool with_orders: also return the ids of the orders that count as
        ``order_ids``
    """
    counts = _counts(companies)
    orders = SQL()
    if with_orders:
        orders = SQL(
            ", ARRAY_AGG(linking.order_id) FILTER (WHERE %s) AS order_ids", counts
        )
    return SQL(
        """%(past)s, %(linking)s, linked AS MATERIALIZED (
            SELECT linking.move_id, linking.id, MIN(linking.amount) AS amount,
                   MIN(%(order_day)s) FILTER (WHERE %(counts)s) AS day %(orders)s
              FROM linking
              JOIN account_move move ON move.id = linking.move_id
              %(ordered)s
             GROUP BY linking.move_id, linking.id
        )""",
        past=_past_order_cte(companies),
        linking=_linking_cte(wanted),
        ordered=_OF_LINKING,
        order_day=ORDER_DAY,
        counts=counts,
        orders=orders,
    )


#: Join from a row ``linking`` to the order, its confirmation and its customer.
_OF_LINKING = SQL(
    """LEFT JOIN sale_order sale ON sale.id = linking.order_id
         LEFT JOIN nka_order_confirmation confirmation
                ON confirmation.order_ref = linking.order_id
         LEFT JOIN res_partner party
                ON party.id = COALESCE(confirmation.partner_id, sale.partner_id)"""
)


def _counts(companies):
    """Return whether the order of a row ``linking`` counts for document ``move``."""
    return SQL(
        """party.commercial_partner_id = move.commercial_partner_id
           AND (linking.order_id, move.commercial_partner_id) NOT IN (
                   SELECT order_id, client_id FROM past_order)
           AND COALESCE(confirmation.company_id, sale.company_id) = ANY(%s)
           AND (confirmation.order_ref IS NOT NULL
                OR sale.state = 'sale' AND NOT linking.is_kept)""",
        companies,
    )


#: Whether a link to an order line ``sold`` is valid, so wasn't made after posting.
_STANDS = SQL(
    """NOT EXISTS (SELECT FROM nka_order_link late
                    WHERE late.line_ref = rel.invoice_line_id
                      AND late.order_ref = sold.order_id
                      AND late.sold_ref IN (0, sold.id) AND NOT late.counts)"""
)


def _linking_cte(wanted):
    """Return the CTE ``linking``: each document line with each order it is for."""
    return SQL(
        """linking AS MATERIALIZED (
            SELECT line.move_id, line.id, -line.balance AS amount, sold.order_id,
                   FALSE AS is_kept
              FROM account_move_line line
              %(wanted)s
              JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = line.id
              JOIN sale_order_line sold ON sold.id = rel.order_line_id
             WHERE line.display_type = 'product' AND %(stands)s
             UNION ALL
            SELECT line.move_id, line.id, -line.balance, kept.order_ref, TRUE
              FROM nka_order_link kept
              JOIN account_move_line line
                ON line.id = kept.line_ref AND line.display_type = 'product'
              %(wanted)s
             WHERE kept.counts
        )""",
        wanted=wanted,
        stands=_STANDS,
    )


# ---------------------------------------------------------------- orders with several days
def claims_query(wanted, companies, is_narrow):
    """Return the query for invoices of orders for which one day isn't enough.

    These are orders that were increased, were invoiced for more than confirmed, or
    share an invoice line with another order. All posted documents of an order are read.

    One row per order: its id, day, confirmed lines, decimal places of their currency,
    whether all its documents are included, and the invoiced lines as JSON. Each of
    these is a list: document, its day, the day it is sorted by, the document it
    reverses and the part of it; line, order line, amount in the currency of the order
    and of the company, and sequence.

    :param SQL wanted: join that selects the requested documents by ``line.move_id``
    :param companies: ids of the companies whose orders count, as a list or SQL array
    :param bool is_narrow: read only the orders of these documents, else all orders
    """
    return SQL(
        """%(past)s, %(links)s, claim AS MATERIALIZED (%(claims)s), %(judged)s
           SELECT order_id, MIN(judged.day), MIN(judged.lines::text),
                  MIN(COALESCE(currency.decimal_places, 2)), %(is_asked)s,
                  JSONB_AGG(JSONB_BUILD_ARRAY(
                      move_id, own_day, place_day, source_id, part, line_id, sold_id,
                      amount, balance, sequence))::text
             FROM judged
        LEFT JOIN res_currency currency ON currency.id = judged.currency_id
            WHERE is_odd OR more > GREATEST(%(worth)s, 0) OR less < LEAST(%(worth)s, 0)
            GROUP BY order_id""",
        past=_past_order_cte(companies),
        links=_links_ctes(wanted, is_narrow),
        claims=_claims(companies),
        judged=_judged_ctes(),
        worth=SQL(
            """(SELECT COALESCE(SUM((own.value -> 0 ->> 0)::numeric), 0)
                  FROM jsonb_each(judged.lines) AS own)"""
        ),
        is_asked=SQL("order_id IN (SELECT order_id FROM asked)")
        if is_narrow
        else SQL("TRUE"),
    )


def _links_ctes(wanted, is_narrow):
    """Return the CTEs up to ``linking``: invoice lines with their order lines,
    all of them for each order in ``asked``.
    """
    narrowed = SQL()
    if is_narrow:
        narrowed = SQL(
            """asked AS MATERIALIZED (
                SELECT sold.order_id
                  FROM account_move_line line
                  %(wanted)s
                  JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = line.id
                  JOIN sale_order_line sold ON sold.id = rel.order_line_id
                 UNION
                SELECT kept.order_ref
                  FROM nka_order_link kept
                  JOIN account_move_line line ON line.id = kept.line_ref
                  %(wanted)s
                 WHERE kept.counts
            ), invoiced AS MATERIALIZED (
                SELECT rel.invoice_line_id AS line_id
                  FROM asked
                  JOIN sale_order_line sold ON sold.order_id = asked.order_id
                  JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
                 UNION
                SELECT kept.line_ref
                  FROM asked JOIN nka_order_link kept ON kept.order_ref = asked.order_id
                 WHERE kept.counts
            ), """,
            wanted=wanted,
        )
    return SQL(
        """%(narrowed)s linking AS MATERIALIZED (
            SELECT line_id, order_id, sold_id, BOOL_AND(is_kept) AS is_kept
              FROM (SELECT rel.invoice_line_id AS line_id, sold.order_id,
                           sold.id AS sold_id, FALSE AS is_kept
                      FROM sale_order_line_invoice_rel rel
                      %(of_rel)s
                      JOIN sale_order_line sold ON sold.id = rel.order_line_id
                     WHERE %(stands)s
                     UNION ALL
                    SELECT kept.line_ref, kept.order_ref, kept.sold_ref, TRUE
                      FROM nka_order_link kept
                      %(of_kept)s
                     WHERE kept.counts) AS found
             GROUP BY line_id, order_id, sold_id
        )""",
        narrowed=narrowed,
        stands=_STANDS,
        of_rel=SQL("JOIN invoiced ON invoiced.line_id = rel.invoice_line_id")
        if is_narrow
        else SQL(),
        of_kept=SQL("JOIN invoiced ON invoiced.line_id = kept.line_ref")
        if is_narrow
        else SQL(),
    )


def _claims(companies):
    """Return the posted document lines of orders that count for them."""
    return SQL(
        """SELECT linking.order_id, linking.sold_id, linking.line_id, line.move_id,
                  %(day)s AS day, COALESCE(move.invoice_date, move.date) AS own_day,
                  GREATEST(COALESCE(move.invoice_date, move.date),
                           COALESCE(source.invoice_date, source.date)) AS place_day,
                  source.id AS source_id,
                  move.amount_untaxed_signed / source.amount_untaxed_signed AS part,
                  CASE WHEN line.currency_id
                            = COALESCE(confirmation.currency_id, sale.currency_id)
                       THEN -line.amount_currency
                       ELSE -line.balance
                            * COALESCE(confirmation.rate, sale.currency_rate, 1)
                       END AS amount,
                  -line.balance AS balance, line.sequence,
                  confirmation.lines, confirmation.currency_id,
                  COALESCE(confirmation.is_raised, FALSE) AS is_raised,
                  COUNT(*) OVER (PARTITION BY linking.line_id) > 1 AS is_shared
             FROM linking
             JOIN account_move_line line
               ON line.id = linking.line_id AND line.display_type = 'product'
             JOIN account_move move
               ON move.id = line.move_id AND move.state = 'posted'
              AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
         LEFT JOIN account_move source
               ON source.id = move.reversed_entry_id AND move.move_type = 'out_refund'
              AND source.move_type IN ('out_invoice', 'out_receipt')
              AND source.amount_untaxed_signed != 0
              %(ordered)s
            WHERE %(counts)s""",
        day=ORDER_DAY,
        ordered=_OF_LINKING,
        counts=_counts(companies),
    )


def _judged_ctes():
    """Return the CTEs up to ``judged``: claims, and whether one day could be too few
    for their order.

    The check compares totals and errs on the safe side. It uses no joins, because the
    planner can't estimate their rows.
    """
    return SQL(
        """summed AS (
            SELECT claim.*,
                   lines ->> sold_id::text AS own,
                   SUM(GREATEST(amount, 0)) FILTER (WHERE source_id IS NULL)
                       OVER line AS line_more,
                   SUM(LEAST(amount, 0)) FILTER (WHERE source_id IS NULL)
                       OVER line AS line_less,
                   CASE WHEN source_id IS NULL AND ROW_NUMBER() OVER (
                                 PARTITION BY order_id, move_id ORDER BY line_id) = 1
                        THEN SUM(amount) OVER (PARTITION BY order_id, move_id)
                        END AS document
              FROM claim
            WINDOW line AS (PARTITION BY order_id, sold_id)
        ), judged AS (
            SELECT summed.*,
                   BOOL_OR(is_raised OR is_shared
                           OR lines IS NOT NULL AND sold_id > 0
                           AND (own IS NULL OR own != '[]' AND (
                                line_more > GREATEST((lines -> sold_id::text -> 0 ->> 0)
                                                         ::numeric, 0)
                                OR line_less < LEAST((lines -> sold_id::text -> 0 ->> 0)
                                                         ::numeric, 0)))
                          ) OVER whole AS is_odd,
                   CASE WHEN lines IS NOT NULL
                        THEN SUM(GREATEST(document, 0)) OVER whole END AS more,
                   CASE WHEN lines IS NOT NULL
                        THEN SUM(LEAST(document, 0)) OVER whole END AS less
              FROM summed
            WINDOW whole AS (PARTITION BY order_id)
        )"""
    )


def _past_order_cte(companies):
    """Return the CTE ``past_order``: orders of contacts from before they became part of
    the client of a key account, with that client.

    Such orders don't count for the client. There are few, so they are searched once.
    """
    return SQL(
        """past_order AS MATERIALIZED (
            SELECT account.partner_id AS client_id, found.order_id
              FROM nka_client_join joined
              JOIN nka_key_account account
                ON account.id = joined.key_account_id
               AND account.company_id = ANY(%(companies)s)
             CROSS JOIN LATERAL (
                   SELECT order_ref AS order_id, date AS day
                     FROM nka_order_confirmation WHERE partner_id = joined.partner_id
                    UNION ALL
                   SELECT sale.id, %(local_day)s
                     FROM sale_order sale
                LEFT JOIN %(confirmed)s
                    WHERE sale.partner_id = joined.partner_id
                      AND confirmation.order_ref IS NULL
                   ) AS found
             WHERE (joined.date > found.day
                    OR joined.date = found.day AND joined.order_mark >= found.order_id)
               AND NOT EXISTS (SELECT FROM nka_client_join earlier
                                WHERE earlier.key_account_id = joined.key_account_id
                                  AND earlier.partner_id = joined.partner_id
                                  AND earlier.date_left >= found.day
                                  AND %(was_part)s)
             UNION ALL
            SELECT account.partner_id, merged.order_ref
              FROM nka_client_join merged
              JOIN nka_key_account account
                ON account.id = merged.key_account_id
               AND account.company_id = ANY(%(companies)s)
         LEFT JOIN nka_order_confirmation confirmation
                ON confirmation.order_ref = merged.order_ref
             WHERE merged.order_ref > 0
               AND COALESCE(confirmation.date <= merged.date, TRUE)
        )""",
        companies=companies,
        local_day=LOCAL_DAY,
        confirmed=CONFIRMED,
        was_part=was_part_sql("order", SQL("found.day"), SQL("found.order_id")),
    )


def domain(company, clients):
    """Return the domain of clients' confirmed orders with a company or its branches.

    :param company: res.company
    :param clients: res.partner
    """
    return [
        ("partner_id.commercial_partner_id", "in", clients.ids),
        ("company_id", "child_of", company.id),
        ("state", "=", "sale"),
    ]


def ordered_sql(since, until, selected):
    """Return an aggregate over the confirmed orders of the row ``account``.

    :param since: day or expression, exclusive
    :param until: day or expression, inclusive
    :param SQL selected: aggregate over rows ``sale`` and ``line``
    """
    return SQL(
        """(SELECT %(selected)s
              FROM res_partner party
              JOIN sale_order sale ON sale.partner_id = party.id
               AND sale.state = 'sale' AND %(is_covered)s
         LEFT JOIN sale_order_line line
                ON line.order_id = sale.id AND line.display_type IS NULL
         LEFT JOIN %(confirmed)s
             WHERE party.commercial_partner_id = account.partner_id
               AND %(day)s > %(since)s AND %(day)s <= %(until)s AND %(is_own)s)""",
        selected=selected,
        is_covered=is_covered_sql(SQL("sale.company_id"), SQL("account.company_id")),
        confirmed=CONFIRMED,
        day=ORDER_DAY,
        since=since,
        until=until,
        is_own=IS_OWN_ORDER,
    )


def orders_of_accounts_sql(visible):
    """Return confirmed orders of all accounts, for a timeline.

    Columns: account, id, day, step, subject, user, untaxed amount in company currency.

    :param SQL visible: ids of the orders that the reader can open
    """
    return SQL(
        """SELECT account.id AS account_id, sale.id AS ref, %(day)s AS date,
                  'order' AS step, sale.name AS name, sale.user_id AS user_id,
                  (SELECT SUM(%(amount)s) FROM sale_order_line line
                    WHERE line.order_id = sale.id AND line.display_type IS NULL)
                      AS amount
             FROM %(accounts)s
             JOIN res_partner party ON party.commercial_partner_id = account.partner_id
             JOIN sale_order sale
               ON sale.partner_id = party.id AND sale.company_id = covered.company_id
              AND sale.state = 'sale' AND sale.id IN %(visible)s
        LEFT JOIN %(confirmed)s
            WHERE %(is_own)s""",
        day=ORDER_DAY,
        amount=LINE_AMOUNT,
        accounts=ACCOUNTS,
        visible=visible,
        confirmed=CONFIRMED,
        is_own=IS_OWN_ORDER,
    )
