"""How managers started, compared: the query.

- **Seasons**: the season with the start date and the two after it. Where the company
  has no such seasons, three quarters from the start date's quarter.
- **First own order**: the first order of room ``facts``, with a positive amount, of an
  account that the person had a share of on the day of the order; from the start date.
- **Credits and quota**: of the locked statements of the months of these seasons; a month
  has a quota if the agreement is in force in it.
- **Documents**: first submissions decided, of the documents they wrote, submitted in
  these seasons.
- **Cost**: what was entered, fixed pay of the locked months up to that of the first
  order, and the draw balance of the last locked statement.
"""

from odoo.tools import SQL

from ..facts import orders

#: Seasons that are compared.
SEASONS = 3

#: First and last day of the seasons of a row ``start``, and the first season.
_SEASONS = SQL(
    """SELECT CASE WHEN recorded.count = %(count)s THEN recorded.first_day
                   ELSE DATE_TRUNC('quarter', start.date_start)::date END AS first_day,
              CASE WHEN recorded.count = %(count)s THEN recorded.last_day
                   ELSE (DATE_TRUNC('quarter', start.date_start)
                         + INTERVAL '9 months')::date - 1 END AS last_day
         FROM (SELECT MIN(season.date_start) AS first_day,
                      MAX(season.date_end) AS last_day, COUNT(*) AS count
                 FROM (SELECT one.date_start, one.date_end FROM nka_season one
                        WHERE one.company_id = start.company_id
                          AND one.date_end >= start.date_start
                          AND EXISTS (SELECT FROM nka_season first
                                       WHERE first.company_id = start.company_id
                                         AND start.date_start BETWEEN first.date_start
                                                              AND first.date_end)
                        ORDER BY one.date_start LIMIT %(count)s) season) recorded""",
    count=SEASONS,
)

#: First own order of each start, from rows ``start``.
_ORDERS = SQL(
    """SELECT DISTINCT ON (own.start_id) own.start_id, own.order_id, own.day,
              own.account_id
         FROM (SELECT start.id AS start_id, sale.id AS order_id, account.id AS account_id,
                      %(day)s AS day
                 FROM %(lines)s
                 JOIN nka_assignment owner
                   ON owner.key_account_id = account.id AND owner.share > 0
                  AND %(day)s >= owner.date_from
                  AND (owner.date_to IS NULL OR %(day)s <= owner.date_to)
                 JOIN nka_manager_start start
                   ON start.user_id = owner.user_id
                  AND start.company_id = account.company_id
                  AND %(day)s >= start.date_start
                WHERE %(own)s
             GROUP BY start.id, sale.id, account.id, day
               HAVING SUM(%(amount)s) > 0) own
     ORDER BY own.start_id, own.day, own.order_id""",
    day=orders.ORDER_DAY,
    lines=orders.ORDERED_LINES,
    own=orders.IS_OWN_ORDER,
    amount=orders.LINE_AMOUNT,
)

#: Credits, quota and months of the seasons.
_CREDITS = SQL(
    """SELECT COUNT(*) AS months, SUM(statement.credit_amount) AS credits,
              SUM(agreement.monthly_quota) FILTER (
                  WHERE agreement.date_to IS NULL
                     OR agreement.date_to >= statement.month) AS quota
         FROM nka_pay_statement statement
    LEFT JOIN nka_pay_agreement agreement ON agreement.id = statement.agreement_id
        WHERE statement.employee_id = start.employee_id
          AND statement.company_id = start.company_id
          AND statement.state = 'locked'
          AND statement.month BETWEEN DATE_TRUNC('month', start.date_start)
                                  AND season.last_day"""
)
#: Fixed pay until the first order, and the draw balance now.
_PAY = SQL(
    """SELECT COUNT(*) > 0 AS is_paid,
              SUM(statement.fixed_amount) FILTER (
                  WHERE first_order.day IS NULL OR statement.month <= first_order.day
              ) AS fixed,
              (ARRAY_AGG(statement.balance ORDER BY statement.month DESC))[1] AS balance
         FROM nka_pay_statement statement
        WHERE statement.employee_id = start.employee_id
          AND statement.company_id = start.company_id
          AND statement.state = 'locked'
          AND statement.month >= DATE_TRUNC('month', start.date_start)"""
)
_DOCUMENTS = SQL(
    """SELECT COUNT(*) AS count,
              COUNT(*) FILTER (WHERE review.verdict = 'approved') AS passed
         FROM nka_document document
         JOIN nka_document_review review ON review.document_id = document.id
        WHERE document.author_id = start.user_id
          AND document.company_id = start.company_id
          AND review.number = 1 AND review.verdict IS NOT NULL
          AND review.submit_date::date BETWEEN start.date_start AND season.last_day"""
)
_COSTS = SQL(
    """SELECT SUM(cost.company_amount) AS amount FROM nka_manager_start_cost cost
        WHERE cost.start_id = start.id"""
)


def rows_sql(today):
    """Return the rows of ``nka.hire.or.grow`` as a query; ids are those of the starts.

    :param date today: day on which people are told to have stayed
    :rtype: SQL
    """
    return SQL(
        """WITH first_order AS (%(orders)s)
           SELECT start.id, start.id AS start_id, start.employee_id, start.user_id,
                  start.company_id, start.way, start.date_start, start.state,
                  season.first_day AS season_date, season.last_day AS date_end,
                  season.last_day < %(today)s AS is_complete,
                  first_order.order_id, first_order.account_id,
                  first_order.day AS order_date,
                  first_order.day - start.date_start AS order_days,
                  (first_order.day IS NOT NULL)::int AS has_order,
                  credited.months, pay.is_paid, COALESCE(credited.credits, 0) AS credits,
                  COALESCE(credited.quota, 0) AS quota,
                  100.0 * credited.credits / NULLIF(credited.quota, 0) AS attainment,
                  documents.count AS document_count,
                  documents.passed AS document_passed,
                  100.0 * documents.passed / NULLIF(documents.count, 0)
                      AS first_pass_rate,
                  (start.state != 'stopped')::int AS has_stayed, start.stopped_on,
                  1 AS person_count,
                  COALESCE(spent.amount, 0) AS entered_cost,
                  COALESCE(pay.fixed, 0) AS fixed_cost,
                  GREATEST(COALESCE(pay.balance, 0), 0) AS draw_cost,
                  COALESCE(spent.amount, 0) + COALESCE(pay.fixed, 0)
                      + GREATEST(COALESCE(pay.balance, 0), 0) AS cost
             FROM nka_manager_start start
       CROSS JOIN LATERAL (%(seasons)s) season
        LEFT JOIN first_order ON first_order.start_id = start.id
       CROSS JOIN LATERAL (%(credits)s) credited
       CROSS JOIN LATERAL (%(pay)s) pay
       CROSS JOIN LATERAL (%(documents)s) documents
       CROSS JOIN LATERAL (%(costs)s) spent""",
        today=today,
        orders=_ORDERS,
        seasons=_SEASONS,
        credits=_CREDITS,
        pay=_PAY,
        documents=_DOCUMENTS,
        costs=_COSTS,
    )
