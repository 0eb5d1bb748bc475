"""The one statement that turns invoices and orders of key accounts into sales history.

An invoice line counts in full once, shared among those who owned the account on its
day; what was sold before anybody owned it has no manager. Each line counts a second
time one year later as "the year before", for the manager of that later day, so that
both columns of a comparison speak of the same accounts and, in the running month, of
the same days. What a client bought in the first year has no year before: it is left out
of comparisons instead of passing for growth.
"""

from odoo.tools import SQL

from . import orders, sales

#: Lines of sales and credit notes. The cost is today's cost of the product: a line
#: without one has no margin.
_INVOICED = SQL(
    """SELECT account.id AS key_account_id, account.company_id,
              template.categ_id, move.invoice_date AS date, 'i' || move.id AS paper,
              -line.balance AS invoiced, 0.0 AS ordered,
              (NOT %(is_note)s)::int AS invoices, 0 AS orders,
              CASE WHEN cost.price > 0 THEN -line.balance ELSE 0 END AS costed,
              CASE WHEN cost.price > 0 THEN -line.balance - cost.price
                        * line.quantity * COALESCE(unit.factor, 1)
                        / COALESCE(NULLIF(usual.factor, 0), 1)
                        * CASE WHEN %(is_note)s THEN -1 ELSE 1 END
                   ELSE 0 END AS margin
         FROM %(lines)s
    LEFT JOIN uom_uom unit ON unit.id = line.product_uom_id
    LEFT JOIN uom_uom usual ON usual.id = template.uom_id
    LEFT JOIN LATERAL (SELECT COALESCE(
                           product.standard_price ->> move.company_id::text,
                           product.standard_price ->> account.company_id::text
                       )::numeric AS price) cost
           ON TRUE""",
    is_note=sales.IS_CREDIT_NOTE,
    lines=sales.SOLD_LINES,
)

#: Lines of confirmed orders.
_ORDERED = SQL(
    """SELECT account.id, account.company_id, template.categ_id,
              %s, 'o' || sale.id, 0.0, %s, 0, 1, 0, 0
         FROM %s""",
    orders.ORDER_DAY,
    orders.LINE_AMOUNT,
    orders.ORDERED_LINES,
)


def insert_statement(companies, today):
    """Fill the empty history of companies; every figure of it is made here.

    :param tuple companies: ids of companies
    :param date today: what lies later, as the year before of days to come, is left out
    """
    return SQL(
        """WITH %s, %s
           INSERT INTO nka_sales_history (
                  key_account_id, company_id, categ_id, user_id, month,
                  invoiced_amount, ordered_amount, invoice_count, order_count,
                  costed_amount, margin, invoiced_before, ordered_before,
                  comparable_amount)
           SELECT fact.key_account_id, fact.company_id, fact.categ_id, owner.user_id,
                  date_trunc('month', fact.date)::date,
                  SUM(invoiced * portion), SUM(ordered * portion),
                  SUM(invoices * portion), SUM(orders * portion),
                  SUM(costed * portion), SUM(margin * portion),
                  SUM(invoiced_before * portion), SUM(ordered_before * portion),
                  COALESCE(SUM(invoiced * portion)
                           FILTER (WHERE fact.date >= begun.second_year), 0)
             FROM fact
        LEFT JOIN begun ON begun.key_account_id = fact.key_account_id
        LEFT JOIN nka_assignment owner
               ON owner.key_account_id = fact.key_account_id
              AND owner.date_from <= fact.date
              AND (owner.date_to IS NULL OR owner.date_to >= fact.date)
       CROSS JOIN LATERAL (SELECT COALESCE(owner.share::numeric, 100) / 100 AS portion) part
         GROUP BY 1, 2, 3, 4, 5""",
        _day_ctes(companies, today),
        _fact_ctes(today),
    )


def _day_ctes(companies, today):
    """``day``: what was invoiced and ordered of a category on a day.

    An invoice or order with lines of several categories counts as a part in each of them, so
    that any sum over categories counts it once.
    """
    return SQL(
        """line AS MATERIALIZED (
                SELECT * FROM (%(invoiced)s UNION ALL %(ordered)s) every
                 WHERE company_id IN %(companies)s AND date <= %(today)s
           ), paper AS MATERIALIZED (
                SELECT key_account_id, company_id, categ_id, date, paper,
                       SUM(invoiced) AS invoiced, SUM(ordered) AS ordered,
                       MAX(invoices) AS invoices, MAX(orders) AS orders,
                       SUM(costed) AS costed, SUM(margin) AS margin,
                       COUNT(*) OVER (PARTITION BY paper) AS parts
                  FROM line GROUP BY key_account_id, company_id, categ_id, date, paper
           ), day AS MATERIALIZED (
                SELECT key_account_id, company_id, categ_id, date,
                       SUM(invoiced) AS invoiced, SUM(ordered) AS ordered,
                       SUM(invoices::numeric / parts) AS invoices,
                       SUM(orders::numeric / parts) AS orders,
                       SUM(costed) AS costed, SUM(margin) AS margin
                  FROM paper GROUP BY key_account_id, company_id, categ_id, date
           )""",
        invoiced=_INVOICED,
        ordered=_ORDERED,
        companies=tuple(companies),
        today=today,
    )


def _fact_ctes(today):
    """``fact``: each day for its own month, and as the year before of a year later;
    ``begun``: since when a client has a year before.
    """
    return SQL(
        """begun AS (
                SELECT key_account_id,
                       date_trunc('month', MIN(date)) + interval '1 year' AS second_year
                  FROM day WHERE invoices > 0 GROUP BY key_account_id
           ), fact AS (
                SELECT key_account_id, company_id, categ_id, date, invoiced,
                       ordered, invoices, orders, costed, margin,
                       0.0 AS invoiced_before, 0.0 AS ordered_before
                  FROM day
             UNION ALL
                SELECT key_account_id, company_id, categ_id,
                       (date + interval '1 year')::date,
                       0, 0, 0, 0, 0, 0, invoiced, ordered
                  FROM day WHERE date + interval '1 year' <= %(today)s
           )""",
        today=today,
    )
