"""Revenue of many accounts from the sales history and, where it may differ, the invoices.

A month is known from the history if it is complete there: it was over when the history
was last refreshed, and nothing of the account or of its company has changed since
(``nka.sales.touched``). The marks and the rows they are about are read in one
transaction, so whoever posts meanwhile changes neither. Products and costs change
categories and margins only, not the revenue.
"""

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from ..facts import sales
from .history_sql import month_spans, within

MONTH = relativedelta(months=1)
#: Number of accounts from which the history is faster than the invoices of each.
MANY = 200


def revenue_sql(env, bounds, only):
    """Return what ``sales.revenue_of_accounts_sql`` returns, without reading the
    invoices of known months.

    Amounts of the history have four decimals, so that shares of an invoice add up to it.

    :param list[date] bounds: the first day of each span, in order
    :param SQL only: condition on the row ``account``
    """
    companies, touched, until = _known(env)
    known = [month for month in _whole_months(bounds) if month < until] if until else []
    # So many changed accounts are read faster with the others, in one pass.
    if not known or len(touched) >= MANY:
        return sales.revenue_of_accounts_sql(bounds, only)
    is_known = SQL(
        "account.company_id = ANY(%s) AND account.id != ALL(%s)", companies, touched
    )
    return SQL(
        """%(edges)s
           UNION ALL
           %(others)s
           UNION ALL
          SELECT account.id, MIN(history.month), ROUND(SUM(history.invoiced_amount), 4)
            FROM nka_key_account account
            JOIN nka_sales_history history ON history.key_account_id = account.id
           WHERE %(is_known)s AND %(only)s AND history.month = ANY(%(known)s)
           GROUP BY account.id, width_bucket(history.month, %(bounds)s::date[])""",
        edges=sales.revenue_of_accounts_sql(
            bounds,
            SQL("%s AND %s", is_known, only),
            sales.moves_sql(_outside(bounds, known)),
        ),
        others=sales.revenue_of_accounts_sql(
            bounds, SQL("NOT (%s) AND %s", is_known, only)
        ),
        is_known=is_known,
        only=only,
        known=known,
        bounds=bounds,
    )


def _known(env):
    """Return ids of the companies with a recent history, ids of accounts that changed
    since, and the first day that the histories may lack.
    """
    env.flush_all()
    rows = env.execute_query(
        SQL(
            """SELECT company.id, date_trunc('month', company.nka_history_date)::date,
                      ARRAY(SELECT DISTINCT account_ref FROM nka_sales_touched
                             WHERE company_ref = company.id AND account_ref IS NOT NULL)
                 FROM res_company company
                WHERE company.nka_history_date IS NOT NULL
                  AND NOT EXISTS (SELECT FROM nka_sales_touched
                                   WHERE company_ref = company.id
                                     AND account_ref IS NULL AND product_ref IS NULL)"""
        )
    )
    until = max((month for _company, month, _ids in rows), default=None)
    recent = [row for row in rows if row[1] == until]
    touched = [account_id for *_company, ids in recent for account_id in ids]
    return [company_id for company_id, *_rest in recent], touched, until


def _whole_months(bounds):
    """Return the first days of the months that no bound divides.

    >>> from datetime import date
    >>> _whole_months([date(2025, 1, 1), date(2025, 2, 15), date(2025, 4, 1)])
    [datetime.date(2025, 1, 1), datetime.date(2025, 3, 1)]
    """
    months, month = [], bounds[0].replace(day=1)
    while month < bounds[-1]:
        if not any(month < bound < month + MONTH for bound in bounds):
            months.append(month)
        month += MONTH
    return months


def _outside(bounds, known):
    """Return whether the row ``move`` is in another month than the known ones."""
    months, month = [], bounds[0].replace(day=1)
    while month < bounds[-1]:
        months.append(month)
        month += MONTH
    spans = month_spans([month for month in months if month not in known])
    return within(SQL("move.invoice_date"), spans) if spans else SQL("FALSE")
