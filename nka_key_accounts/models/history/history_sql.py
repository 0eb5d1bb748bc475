"""Queries that fill the sales history, whole or by what changed.

An invoice line counts in full once, shared among the owners of the account on its day;
before the first owner it has no manager. Each line counts again one year later as
"previous year", for the manager of that later day, so that both columns of a comparison
cover the same accounts and, in the running month, the same days. A client's first year
has no previous year: comparisons exclude it, so that it doesn't appear as growth.
"""

from datetime import date, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from ..facts import orders, sales
from ..facts.companies import ACCOUNTS

# ---------------------------------------------------------------- what to read again
#: Accounts are read again in turn, each once in so many days, because not every change
#: is recorded: rows written without triggers, or an invoice posted by a transaction that
#: doesn't see yet that its client has become a key account.
TURN_DAYS = 28


class Days(NamedTuple):
    """Day of the last refresh and of this one."""

    last: date
    today: date

    def turns(self):
        """Return the remainders of the account ids whose turn it is."""
        first, last = self.last.toordinal(), self.today.toordinal()
        return sorted({day % TURN_DAYS for day in range(first + 1, last + 1)})

    def has_passed(self, day):
        """Return whether a document's day, or the same day one year later, is new.

        :param SQL day: the document's day
        """
        return SQL(
            """(%(day)s > %(last)s AND %(day)s <= %(today)s
                OR (%(day)s + interval '1 year') > %(last)s
                   AND (%(day)s + interval '1 year') <= %(today)s)""",
            day=day,
            last=self.last,
            today=self.today,
        )

    def spans(self):
        """Return the periods of the documents for ``has_passed``. 29 February has no
        such day one year later, so there is a day to spare.
        """
        if self.last == self.today:
            return []
        first, year = self.last + timedelta(days=1), relativedelta(years=1)
        return [
            (first, self.today),
            (first - year - timedelta(days=1), self.today - year + timedelta(days=1)),
        ]


def month_spans(months):
    """Return the periods that months cover, adjacent ones together.

    >>> month_spans([date(2025, 1, 1), date(2025, 2, 1), date(2025, 4, 1)])[0][1]
    datetime.date(2025, 2, 28)

    :param list[date] months: first days, in order
    """
    spans = []
    for month in months:
        last = month + relativedelta(months=1, days=-1)
        if spans and spans[-1][1] + timedelta(days=1) == month:
            last, month = last, spans.pop()[0]
        spans.append((month, last))
    return spans


def table(name, query, prefix="nka_history"):
    """Return a step: a temporary table filled with the rows of ``query`` and analyzed.

    Each table is created once per transaction and then refilled: a dropped table's lock
    lasts until the end of the transaction, and a close that compares many people would
    fill the server's lock table, which all sessions share.
    """
    return SQL(
        """CREATE TEMP TABLE IF NOT EXISTS %(table)s ON COMMIT DROP
               AS %(query)s WITH NO DATA;
           TRUNCATE %(table)s;
           INSERT INTO %(table)s %(query)s;
           ANALYZE %(table)s""",
        table=SQL.identifier(f"{prefix}_{name}"),
        query=query,
    )


def _month(day):
    return SQL("date_trunc('month', (%s)::timestamp)::date", day)


def stale_steps(companies, products, days):
    """Return the steps that select what has to be rebuilt.

    ``whole`` are accounts with all their months, because they changed or because it is
    their turn, ``stale`` other months of accounts:
    those of changed documents and of the previous year made from them. ``due`` are the
    months of the documents that are needed for ``stale``.

    :param companies: ids of companies
    :param products: ids of changed products
    :param Days days: last and present refresh
    """
    return [
        table(
            "whole",
            SQL(
                """SELECT account.id AS key_account_id FROM nka_key_account account
                    WHERE account.company_id = ANY(%(companies)s)
                      AND (account.id IN (
                               SELECT account_ref FROM nka_sales_touched
                                WHERE company_ref = ANY(%(companies)s) AND day IS NULL)
                           OR account.id %% %(days)s = ANY(%(turns)s))""",
                companies=companies,
                days=TURN_DAYS,
                turns=days.turns(),
            ),
        ),
        table(
            "stale",
            SQL(
                """SELECT changed.key_account_id, later.month::date AS month
                     FROM (%s) changed
                    CROSS JOIN LATERAL (VALUES (changed.month),
                                               (changed.month + interval '1 year')) later(month)
                    WHERE changed.key_account_id NOT IN (
                              SELECT key_account_id FROM nka_history_whole)
                    GROUP BY 1, 2""",
                _changed_months(companies, products),
            ),
        ),
        table(
            "due",
            SQL(
                """SELECT stale.key_account_id, needed.month::date AS month
                     FROM nka_history_stale stale
                    CROSS JOIN LATERAL (VALUES (stale.month),
                                               (stale.month - interval '1 year')) needed(month)
                    GROUP BY 1, 2"""
            ),
        ),
    ]


def _changed_months(companies, products):
    """Return the months in which documents of accounts changed."""
    queries = [
        SQL(
            """SELECT account_ref AS key_account_id, %s AS month FROM nka_sales_touched
                WHERE company_ref = ANY(%s) AND day IS NOT NULL""",
            _month(SQL("day")),
            companies,
        )
    ]
    if products:
        queries += [
            SQL(
                """SELECT account.id, %s FROM %s
                    WHERE account.company_id = ANY(%s) AND line.product_id = ANY(%s)""",
                _month(day),
                lines,
                companies,
                products,
            )
            for day, lines in (
                (SQL("move.invoice_date"), sales.SOLD_LINES),
                (orders.ORDER_DAY, orders.ORDERED_LINES),
            )
        ]
    return SQL(" UNION ").join(queries)


def by_index(steps):
    """Return steps as one that looks up lines of documents by index.

    By default, the planner takes indexes for as slow as on a rotating disk, and would
    read all invoice lines to find a few, or all invoices in the order of their ids.
    """
    return SQL(
        """SET LOCAL random_page_cost = 1.1; SET LOCAL enable_mergejoin = off; %s;
           SET LOCAL enable_mergejoin TO DEFAULT;
           SET LOCAL random_page_cost TO DEFAULT""",
        SQL("; ").join(steps),
    )


def by_hash(step):
    """Return a step that reads documents by date, planned without nested loops.

    The planner expects few accounts and would compare each with all documents.
    """
    return SQL(
        "SET LOCAL enable_nestloop = off; %s; SET LOCAL enable_nestloop TO DEFAULT",
        step,
    )


def found_steps(companies, days, spans):
    """Return the steps for ``found``: the documents to read, by account.

    :param spans: periods that contain all documents but those of ``whole`` accounts
    """
    steps = [table("found", SQL(" UNION ALL ").join(_documents_of_whole()))]
    for query in _documents_of_due(companies, days, spans):
        steps.append(by_hash(SQL("INSERT INTO nka_history_found %s", query)))
    return [*steps, SQL("ANALYZE nka_history_found")]


def _documents_of_whole():
    """Return the documents of whole accounts, by the indexes on contacts. The contacts
    include those that have left, see ``sales.revenue_sql``.
    """
    return [
        SQL(
            """SELECT account.id AS key_account_id, FALSE AS is_order, move.id AS document_id
                 FROM %(accounts)s
                 JOIN nka_history_whole whole ON whole.key_account_id = account.id
                CROSS JOIN LATERAL (
                      SELECT id FROM res_partner
                       WHERE commercial_partner_id = account.partner_id
                       UNION
                      SELECT partner_id FROM nka_client_join
                       WHERE key_account_id = account.id
                         AND date_left IS NOT NULL) party
                 JOIN account_move move ON move.partner_id = party.id AND %(of_account)s""",
            accounts=ACCOUNTS,
            of_account=sales.OF_ACCOUNT,
        ),
        SQL(
            """SELECT account.id, TRUE, sale.id FROM %s
                WHERE account.id IN (SELECT key_account_id FROM nka_history_whole)
                  AND %s""",
            orders.ORDERS,
            orders.IS_OWN_ORDER,
        ),
    ]


def _documents_of_due(companies, days, spans):
    """Return the documents of due months and passed days.

    Documents of clients have no index for it, so they are found by date.
    """
    if not spans:
        return []
    return [
        SQL(
            """SELECT account.id AS key_account_id, %(is_order)s AS is_order,
                      %(id)s AS document_id
                 FROM %(documents)s
            LEFT JOIN nka_history_due due
                   ON due.key_account_id = account.id AND due.month = %(month)s
                WHERE account.company_id = ANY(%(companies)s) AND %(is_wanted)s
                  AND account.id NOT IN (SELECT key_account_id FROM nka_history_whole)
                  AND (due.month IS NOT NULL OR %(has_passed)s)""",
            is_order=is_order,
            id=SQL.identifier(alias, "id"),
            documents=documents,
            month=_month(day),
            companies=companies,
            is_wanted=is_wanted,
            has_passed=days.has_passed(day),
        )
        for is_order, alias, documents, day, is_wanted in (
            (
                False,
                "move",
                sales.DOCUMENTS,
                SQL("move.invoice_date"),
                within(SQL("move.invoice_date"), spans),
            ),
            (
                True,
                "sale",
                orders.ORDERS,
                orders.ORDER_DAY,
                SQL("%s AND %s", orders.IS_OWN_ORDER, _is_order_within(spans)),
            ),
        )
    ]


def within(day, spans):
    """Return whether a day is in one of the periods."""
    return SQL(
        "(%s)",
        SQL(" OR ").join(SQL("%s BETWEEN %s AND %s", day, *span) for span in spans),
    )


def _is_order_within(spans):
    """Return whether the day of a row ``sale`` can be in one of the periods; the order
    date is in UTC.
    """
    spare = timedelta(days=1)
    return SQL(
        """sale.id IN (SELECT order_ref FROM nka_order_confirmation WHERE %s
                       UNION ALL
                       SELECT id FROM sale_order WHERE %s)""",
        within(SQL("date"), spans),
        within(
            SQL("date_order"),
            [(first - spare, last + 2 * spare) for first, last in spans],
        ),
    )


#: Accounts with rows that were read again or added, after ``found_steps``.
CHANGED_ACCOUNTS = SQL(
    """SELECT key_account_id FROM nka_history_whole
        UNION
       SELECT key_account_id FROM nka_history_stale
        UNION
       SELECT key_account_id FROM nka_history_found"""
)


# ---------------------------------------------------------------- rows
#: Documents of the step ``found``, as for ``sales.DOCUMENTS`` and ``orders.ORDERS``.
FOUND_MOVES = SQL(
    """nka_history_found found
       JOIN nka_key_account account ON account.id = found.key_account_id
       JOIN account_move move ON move.id = found.document_id AND NOT found.is_order"""
)
_FOUND_ORDERS = SQL(
    """nka_history_found found
       JOIN nka_key_account account ON account.id = found.key_account_id
       JOIN sale_order sale ON sale.id = found.document_id AND found.is_order
  LEFT JOIN %s""",
    orders.CONFIRMED,
)
COLUMNS = (
    "invoiced_amount",
    "ordered_amount",
    "invoice_count",
    "order_count",
    "costed_amount",
    "margin",
    "invoiced_before",
    "ordered_before",
    "comparable_amount",
)


def insert_statement(companies, today):
    """Return the INSERT that fills the empty history of companies.

    :param companies: ids of companies
    :param date today: later days, such as the previous year of days to come, are
        excluded
    """
    return SQL(
        "WITH %s %s %s",
        _fact_ctes(sales.DOCUMENTS, orders.ORDERS, companies, today),
        _INSERT,
        _rows(SQL(), SQL("TRUE")),
    )


def catch_up_steps(companies, days):
    """Return the steps that replace the rows of ``whole`` and ``stale`` and add the
    days that have passed to the others.
    """
    is_kept = SQL(
        """(whole.key_account_id IS NOT NULL OR stale.month IS NOT NULL
            OR fact.date > %s)""",
        days.last,
    )
    return [
        SQL(
            """DELETE FROM nka_sales_history history USING nka_history_stale stale
                WHERE history.key_account_id = stale.key_account_id
                  AND history.month = stale.month"""
        ),
        SQL(
            """DELETE FROM nka_sales_history history USING nka_history_whole whole
                WHERE history.key_account_id = whole.key_account_id"""
        ),
        SQL(
            """WITH %(facts)s, fresh AS MATERIALIZED (%(rows)s), added AS (
                    UPDATE nka_sales_history history SET %(sums)s
                      FROM fresh WHERE %(is_same)s
                 RETURNING history.key_account_id, history.month, history.categ_id,
                           history.user_id)
               %(insert)s
               SELECT fresh.* FROM fresh
                WHERE NOT EXISTS (SELECT FROM added history WHERE %(is_same)s)""",
            facts=_fact_ctes(FOUND_MOVES, _FOUND_ORDERS, companies, days.today),
            rows=_rows(_NARROWED, is_kept),
            sums=SQL(", ").join(
                SQL("%s = history.%s + fresh.%s", *[SQL.identifier(column)] * 3)
                for column in COLUMNS
            ),
            is_same=_IS_SAME,
            insert=_INSERT,
        ),
        _COMPARE,
    ]


_INSERT = SQL(
    """INSERT INTO nka_sales_history (
              key_account_id, company_id, categ_id, user_id, month, %s)""",
    SQL(", ").join(map(SQL.identifier, COLUMNS)),
)
_IS_SAME = SQL(
    """history.key_account_id = fresh.key_account_id AND history.month = fresh.month
       AND history.categ_id IS NOT DISTINCT FROM fresh.categ_id
       AND history.user_id IS NOT DISTINCT FROM fresh.user_id"""
)
_NARROWED = SQL(
    """LEFT JOIN nka_history_whole whole ON whole.key_account_id = fact.key_account_id
       LEFT JOIN nka_history_stale stale
              ON stale.key_account_id = fact.key_account_id AND stale.month = %s""",
    _month(SQL("fact.date")),
)
#: Follow a client's first year, which other months than the new ones depend on.
_COMPARE = SQL(
    """UPDATE nka_sales_history history SET comparable_amount = %(comparable)s
         FROM (SELECT key_account_id,
                      MIN(month) FILTER (WHERE invoice_count > 0)
                          + interval '1 year' AS second_year
                 FROM nka_sales_history
                WHERE key_account_id IN (
                          SELECT key_account_id FROM nka_history_found
                           UNION SELECT key_account_id FROM nka_history_stale)
                GROUP BY key_account_id) begun
        WHERE begun.key_account_id = history.key_account_id
          AND history.comparable_amount IS DISTINCT FROM %(comparable)s""",
    comparable=SQL(
        """CASE WHEN history.month >= begun.second_year
                THEN history.invoiced_amount ELSE 0 END"""
    ),
)


def _rows(narrowed, condition):
    """Return the rows of the history, from the CTEs of ``_fact_ctes``.

    :param SQL narrowed: joins to the row ``fact``
    :param SQL condition: which facts are counted
    """
    return SQL(
        """SELECT fact.key_account_id, fact.company_id, fact.categ_id, owner.user_id,
                  %(month)s AS month,
                  SUM(invoiced * portion) AS invoiced_amount,
                  SUM(ordered * portion) AS ordered_amount,
                  SUM(invoices * portion) AS invoice_count,
                  SUM(orders * portion) AS order_count,
                  SUM(costed * portion) AS costed_amount,
                  SUM(margin * portion) AS margin,
                  SUM(invoiced_before * portion) AS invoiced_before,
                  SUM(ordered_before * portion) AS ordered_before,
                  COALESCE(SUM(invoiced * portion)
                           FILTER (WHERE fact.date >= begun.second_year), 0)
                      AS comparable_amount
             FROM fact
        LEFT JOIN begun ON begun.key_account_id = fact.key_account_id
        LEFT JOIN nka_assignment owner
               ON owner.key_account_id = fact.key_account_id
              AND owner.date_from <= fact.date
              AND (owner.date_to IS NULL OR owner.date_to >= fact.date)
       CROSS JOIN LATERAL (SELECT COALESCE(owner.share::numeric, 100) / 100 AS portion) part
        %(narrowed)s
            WHERE %(condition)s
         GROUP BY 1, 2, 3, 4, 5""",
        month=_month(SQL("fact.date")),
        narrowed=narrowed,
        condition=condition,
    )


def _invoiced(documents):
    """Return the lines of invoices and credit notes. The cost is the product's present
    cost; lines without one have no margin.
    """
    return SQL(
        """SELECT account.id AS key_account_id, account.company_id,
                  template.categ_id, move.invoice_date AS date, 'i' || move.id AS document,
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
        lines=sales.lines_sql(documents),
    )


def _ordered(documents):
    """Return the lines of confirmed orders."""
    return SQL(
        """SELECT account.id, account.company_id, template.categ_id,
                  %s, 'o' || sale.id, 0.0, %s, 0, 1, 0, 0
             FROM %s
            WHERE %s""",
        orders.ORDER_DAY,
        orders.LINE_AMOUNT,
        orders.lines_sql(documents),
        orders.IS_OWN_ORDER,
    )


def _day_ctes(moves, ordered, companies, today):
    """Return the CTEs up to ``day``: invoiced and ordered amounts by category and day.

    An invoice or order with several categories counts as a fraction in each, so that
    totals over categories count it once.
    """
    return SQL(
        """line AS MATERIALIZED (
                SELECT * FROM (%(invoiced)s UNION ALL %(ordered)s) every
                 WHERE company_id IN %(companies)s AND date <= %(today)s
           ), document AS MATERIALIZED (
                SELECT key_account_id, company_id, categ_id, date, document,
                       SUM(invoiced) AS invoiced, SUM(ordered) AS ordered,
                       MAX(invoices) AS invoices, MAX(orders) AS orders,
                       SUM(costed) AS costed, SUM(margin) AS margin,
                       COUNT(*) OVER (PARTITION BY document) AS parts
                  FROM line GROUP BY key_account_id, company_id, categ_id, date, document
           ), day AS MATERIALIZED (
                SELECT key_account_id, company_id, categ_id, date,
                       SUM(invoiced) AS invoiced, SUM(ordered) AS ordered,
                       SUM(invoices::numeric / parts) AS invoices,
                       SUM(orders::numeric / parts) AS orders,
                       SUM(costed) AS costed, SUM(margin) AS margin
                  FROM document GROUP BY key_account_id, company_id, categ_id, date
           )""",
        invoiced=_invoiced(moves),
        ordered=_ordered(ordered),
        companies=tuple(companies),
        today=today,
    )


def _fact_ctes(moves, ordered, companies, today):
    """Return the CTEs up to ``fact`` (each day for its own month, and again one year
    later as previous year) and ``begun`` (since when a client has a previous
    year; months that aren't read again count, too).

    :param SQL moves: documents, as ``sales.DOCUMENTS``
    :param SQL ordered: orders, as ``orders.ORDERS``
    """
    return SQL(
        """%(days)s, begun AS (
                SELECT key_account_id, MIN(month) + interval '1 year' AS second_year
                  FROM (SELECT key_account_id, %(month)s AS month
                          FROM day WHERE invoices > 0
                         UNION ALL
                        SELECT key_account_id, month FROM nka_sales_history
                         WHERE invoice_count > 0
                           AND key_account_id IN (SELECT key_account_id FROM day)) sold
                 GROUP BY key_account_id
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
        days=_day_ctes(moves, ordered, companies, today),
        month=_month(SQL("date")),
        today=today,
    )
