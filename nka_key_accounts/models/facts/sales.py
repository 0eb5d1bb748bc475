"""Sales to clients: the only definition of invoiced revenue.

1. *Is it real?* Posted customer invoices and sales receipts, less credit notes.
2. *Whose is it?* Of the account of the document's company or its parents whose client
   is the document's present commercial partner: Odoo moves documents with a partner
   that changes its parent. What a partner bought before it became part of the client is
   excluded, see ``companies``. Owners count by the day of the document.
3. *How much, when?* Untaxed, in company currency at the document's own rate, on the
   invoice date.
4. *Who could have written it?* Any user who can post customer documents; posting is the
   only confirmation.

The fragments use rows called ``account``, ``move`` and ``line``.
"""

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from . import companies
from .companies import ACCOUNTS, covered_sql, domain_covered, is_covered_sql
from .orders import linked_ctes

SALE_TYPES = ("out_invoice", "out_receipt")
CUSTOMER_TYPES = (*SALE_TYPES, "out_refund")

IS_SALE = SQL("move.state = 'posted' AND move.move_type IN %s", CUSTOMER_TYPES)
IS_CREDIT_NOTE = SQL("move.move_type = 'out_refund'")
OF_ACCOUNT = SQL(
    """move.commercial_partner_id = account.partner_id
       AND move.company_id = covered.company_id AND %s AND %s""",
    IS_SALE,
    companies.IS_OWN_MOVE,
)
#: Lines that make up a document's untaxed amount; cash rounding belongs to it.
IS_SALE_LINE = SQL(
    """(line.display_type = 'product'
        OR line.display_type = 'rounding' AND line.tax_repartition_line_id IS NULL)"""
)
EVERY_MOVE = SQL("account_move")
#: All documents of all accounts: rows ``account`` and ``move``.
DOCUMENTS = SQL("%s JOIN account_move move ON %s", ACCOUNTS, OF_ACCOUNT)


def lines_sql(documents):
    """Return the lines sold by documents: rows ``line``, ``product``, ``template``.

    :param SQL documents: rows ``account`` and ``move``, such as ``DOCUMENTS``
    """
    return SQL(
        """%s
       JOIN account_move_line line ON line.move_id = move.id AND %s
  LEFT JOIN product_product product ON product.id = line.product_id
  LEFT JOIN product_template template ON template.id = product.product_tmpl_id""",
        documents,
        IS_SALE_LINE,
    )


#: All lines sold to all accounts; ``-line.balance`` is their amount.
SOLD_LINES = lines_sql(DOCUMENTS)


def revenue_sql(alias, since, until):
    """Return the revenue of the account row called ``alias``.

    Uses the index on the documents' partners. These include partners that have left:
    what they bought as part of the client still counts for it.

    :param str alias: name of the account row
    :param since: day or expression, exclusive
    :param until: day or expression, inclusive
    """
    return SQL(
        "(SELECT COALESCE(SUM(move.amount_untaxed_signed), 0) %s)",
        _documents(alias, since, until),
    )


def revenue_of_accounts_sql(bounds, only, moves=EVERY_MOVE):
    """Return the revenue of many accounts, by account and span of days: reads the
    invoices once, where ``revenue_sql`` reads those of each account for each figure.

    Columns: account_id, day, amount. A row adds up the days from one bound until the
    next; ``day`` is one of them. Days before the first and from the last on don't
    count.

    :param list[date] bounds: the first day of each span, in order
    :param SQL only: condition on the row ``account``
    :param SQL moves: the documents to read, see ``moves_sql``
    """
    return SQL(
        """SELECT party.account_id, MIN(move.invoice_date) AS day,
                  SUM(move.amount_untaxed_signed) AS amount
             FROM (%(parties)s) party
             JOIN %(moves)s move ON move.partner_id = party.id
              AND move.commercial_partner_id = party.client_id
              AND move.company_id = party.company_id
            WHERE %(is_sale)s AND move.invoice_date >= %(first)s
              AND move.invoice_date < %(last)s AND %(is_own)s
            GROUP BY party.account_id, width_bucket(move.invoice_date, %(bounds)s::date[])""",
        parties=_parties_sql(only),
        is_sale=IS_SALE,
        first=bounds[0],
        last=bounds[-1],
        bounds=bounds,
        moves=moves,
        is_own=companies.is_own_move_sql(SQL("party.account_id")),
    )


def moves_sql(condition):
    """Return the documents for ``revenue_of_accounts_sql`` that meet a condition, all
    read before they are joined: the planner takes the contacts for a few and would look
    up the days of each.

    :param SQL condition: on the row ``move``
    """
    return SQL(
        """(SELECT id, state, move_type, partner_id, commercial_partner_id, company_id,
                   invoice_date, date, amount_untaxed_signed
              FROM account_move move WHERE %s AND %s OFFSET 0)""",
        IS_SALE,
        condition,
    )


def _parties_sql(only):
    """Return who can be on the documents of accounts: the contacts of the client, and
    those that have left it, for each company whose documents count.
    """
    return SQL(
        """SELECT account.id AS account_id, account.partner_id AS client_id,
                  covered.company_id, contact.id
             FROM %(accounts)s
             JOIN res_partner contact
               ON contact.commercial_partner_id = account.partner_id
            WHERE %(only)s
            UNION
           SELECT account.id, account.partner_id, covered.company_id, joined.partner_id
             FROM %(accounts)s
             JOIN nka_client_join joined
               ON joined.key_account_id = account.id AND joined.date_left IS NOT NULL
            WHERE %(only)s""",
        accounts=ACCOUNTS,
        only=only,
    )


def revenue_by_order_sql(alias, since, until, company, selected):
    """Return an aggregate over the lines of ``revenue_sql`` that are for an order.

    :param since: day or expression, exclusive
    :param until: day or expression, inclusive
    :param SQL company: the company of the account; no column of its row
    :param SQL selected: aggregate over rows ``linked``: id, amount and day of the order
    """
    return SQL(
        """(WITH document AS MATERIALIZED (SELECT move.id %(documents)s), %(linked)s
            SELECT %(selected)s FROM linked)""",
        documents=_documents(alias, since, until),
        linked=linked_ctes(
            SQL("JOIN document wanted ON wanted.id = line.move_id"),
            covered_sql(company),
        ),
        selected=selected,
    )


def _documents(alias, since, until):
    """Return FROM and WHERE of the documents ``move`` of an account row."""
    return SQL(
        """FROM account_move move
             WHERE move.partner_id IN (
                       SELECT id FROM res_partner
                        WHERE commercial_partner_id = %(client)s
                        UNION ALL
                       SELECT partner_id FROM nka_client_join
                        WHERE key_account_id = %(account)s AND date_left IS NOT NULL)
               AND move.commercial_partner_id = %(client)s
               AND %(is_covered)s AND %(is_sale)s
               AND move.invoice_date > %(since)s AND move.invoice_date <= %(until)s
               AND %(is_own)s""",
        client=SQL.identifier(alias, "partner_id"),
        account=SQL.identifier(alias, "id"),
        is_covered=is_covered_sql(
            SQL("move.company_id"), SQL.identifier(alias, "company_id")
        ),
        is_sale=IS_SALE,
        since=since,
        until=until,
        is_own=companies.is_own_move_sql(SQL.identifier(alias, "id")),
    )


def clients_by_revenue_sql(company, since, until):
    """Clients of a company and its branches with revenue, the largest first.

    Rows: commercial partner's id, revenue, first day of a sale ever, and the salesperson
    with the most revenue of the client. Reads all invoices once: they have no index on
    the commercial partner by which to find those of each client.

    :param company: res.company
    :param since: day, itself excluded
    :param until: day, included
    """
    return SQL(
        """SELECT client_id, SUM(revenue) AS revenue, MIN(first_day),
                  (ARRAY_AGG(user_id ORDER BY revenue DESC)
                      FILTER (WHERE user_id IS NOT NULL AND revenue IS NOT NULL))[1]
             FROM (SELECT move.commercial_partner_id AS client_id,
                          move.invoice_user_id AS user_id,
                          MIN(move.invoice_date) AS first_day,
                          SUM(move.amount_untaxed_signed)
                              FILTER (WHERE move.invoice_date > %(since)s
                                        AND move.invoice_date <= %(until)s) AS revenue
                     FROM account_move move
                    WHERE %(is_covered)s AND %(is_sale)s
                    GROUP BY 1, 2) sold
            GROUP BY client_id HAVING SUM(revenue) > 0
            ORDER BY 2 DESC, client_id""",
        is_covered=is_covered_sql(SQL("move.company_id"), company.id),
        is_sale=IS_SALE,
        since=since,
        until=until,
    )


def last_day_sql(company, until):
    """Return the last sale's day up to a day, in a company or its branches, or NULL.

    :param SQL company: the company's id
    :param until: day or expression, inclusive
    """
    return SQL(
        """(SELECT move.invoice_date FROM account_move move
             WHERE %s AND %s AND NOT %s AND move.invoice_date <= %s
             ORDER BY move.invoice_date DESC LIMIT 1)""",
        is_covered_sql(SQL("move.company_id"), company),
        IS_SALE,
        IS_CREDIT_NOTE,
        until,
    )


def average_by_owner_sql(company_id, user_ids, date_from, date_to, selected):
    """Return the query for people's sales, and their number, of accounts owned then.

    All documents of an order are one sale, a document without an order is one, and one
    over several orders counts once for each. Documents of 0 and credit notes don't
    count as a sale. If an account has several owners on a day, each sale counts for
    each of them by their share.

    :param int company_id: the accounts' company
    :param tuple user_ids: owners
    :param date date_from: first invoice date
    :param date date_to: last invoice date
    :param SQL selected: further columns of rows ``document``, or empty
    """
    return SQL(
        """WITH document AS MATERIALIZED (
               SELECT move.id, assignment.user_id, assignment.share / 100 AS share,
                      move.amount_untaxed_signed AS amount,
                      NOT %(is_note)s AND move.amount_untaxed_signed != 0 AS is_sale
                 FROM %(accounts)s
                 JOIN account_move move ON %(of_account)s
                 JOIN nka_assignment assignment
                   ON assignment.key_account_id = account.id
                  AND assignment.date_from <= move.invoice_date
                  AND (assignment.date_to IS NULL
                       OR assignment.date_to >= move.invoice_date)
                WHERE account.company_id = %(company)s
                  AND move.invoice_date BETWEEN %(date_from)s AND %(date_to)s
                  AND assignment.user_id IN %(users)s
           ), %(linked)s, ordered AS MATERIALIZED (
               SELECT DISTINCT move_id, UNNEST(order_ids) AS order_id FROM linked
           ), sale AS (
               SELECT document.user_id, MAX(document.share) AS share
                 FROM document LEFT JOIN ordered ON ordered.move_id = document.id
                WHERE document.is_sale
                GROUP BY document.user_id, ordered.order_id,
                         CASE WHEN ordered.order_id IS NULL THEN document.id END
           ), counted AS (
               SELECT user_id, SUM(share) AS number FROM sale GROUP BY user_id
           )
           SELECT document.user_id, SUM(document.share * document.amount)::text AS sales,
                  MAX(counted.number)::text AS invoices %(selected)s
             FROM document LEFT JOIN counted ON counted.user_id = document.user_id
            GROUP BY document.user_id""",
        is_note=IS_CREDIT_NOTE,
        selected=selected,
        accounts=ACCOUNTS,
        of_account=OF_ACCOUNT,
        linked=linked_ctes(
            SQL(
                """JOIN (SELECT DISTINCT id FROM document WHERE is_sale) wanted
                     ON wanted.id = line.move_id"""
            ),
            covered_sql(company_id),
            with_orders=True,
        ),
        company=company_id,
        date_from=date_from,
        date_to=date_to,
        users=user_ids,
    )


def uncounted_sql(company_id, user_ids, date_from, date_to):
    """Return the query for documents of the same accounts and days that don't count.

    Columns: owner's user id, document id, reason.
    """
    return SQL(
        """SELECT DISTINCT assignment.user_id, move.id,
                  CASE WHEN move.state = 'posted' THEN 'zero' ELSE move.state END
             FROM %(accounts)s
             JOIN account_move move
               ON move.commercial_partner_id = account.partner_id
              AND move.company_id = covered.company_id AND move.move_type IN %(types)s
              AND (move.state != 'posted' OR move.amount_untaxed_signed = 0)
             JOIN nka_assignment assignment
               ON assignment.key_account_id = account.id
              AND assignment.date_from <= COALESCE(move.invoice_date, move.date)
              AND (assignment.date_to IS NULL
                   OR assignment.date_to >= COALESCE(move.invoice_date, move.date))
            WHERE account.company_id = %(company)s
              AND COALESCE(move.invoice_date, move.date)
                  BETWEEN %(date_from)s AND %(date_to)s
              AND assignment.user_id IN %(users)s""",
        accounts=ACCOUNTS,
        types=CUSTOMER_TYPES,
        company=company_id,
        date_from=date_from,
        date_to=date_to,
        users=user_ids,
    )


def domain(accounts, since, until):
    """Return the domain of the documents of one company's accounts.

    :param accounts: nka.key.account
    :param date since: exclusive
    :param date until: inclusive
    """
    return [
        ("commercial_partner_id", "in", accounts.sudo().partner_id.ids),
        domain_covered(accounts),
        ("move_type", "in", CUSTOMER_TYPES),
        ("state", "=", "posted"),
        ("invoice_date", ">", since),
        ("invoice_date", "<=", until),
        ("id", "not in", companies.past_move_ids(accounts)),
    ]


def domain_of_month(account, month):
    """Return the domain of an account's documents in the month that begins on a day."""
    before = relativedelta(days=1)
    return domain(account, month - before, month + relativedelta(months=1) - before)


def domain_revenue(account, since, until):
    """Return the domain of the documents that ``revenue_sql`` adds up."""
    return domain(account, since, until)


def domain_lines(accounts, category, since, until):
    """Return the domain of the lines sold of a product category, or without one.

    :param category: product.category, possibly empty
    :param date since: exclusive
    :param date until: inclusive
    """
    return [
        ("move_id.commercial_partner_id", "in", accounts.sudo().partner_id.ids),
        domain_covered(accounts),
        ("move_type", "in", CUSTOMER_TYPES),
        ("parent_state", "=", "posted"),
        ("display_type", "in", ("product", "rounding")),
        ("tax_repartition_line_id", "=", False),
        ("product_id.categ_id", "=", category.id if category else False),
        ("invoice_date", ">", since),
        ("invoice_date", "<=", until),
        ("move_id", "not in", companies.past_move_ids(accounts)),
    ]


def documents_of_accounts_sql(visible):
    """Return invoices and credit notes of all accounts, for a timeline.

    Columns: account, id, day, step, subject, user, untaxed amount in company currency.

    :param SQL visible: ids of the invoices that the reader can open
    """
    return SQL(
        """SELECT account.id AS account_id, move.id AS ref, move.invoice_date AS date,
                  CASE WHEN %(is_note)s THEN 'credit_note' ELSE 'invoice' END AS step,
                  move.name AS name, move.invoice_user_id AS user_id,
                  move.amount_untaxed_signed AS amount
             FROM %(accounts)s
             JOIN account_move move ON %(of_account)s AND move.id IN %(visible)s""",
        is_note=IS_CREDIT_NOTE,
        accounts=ACCOUNTS,
        of_account=OF_ACCOUNT,
        visible=visible,
    )


def payments_of_accounts_sql(visible):
    """Return payments of all accounts' clients, for a timeline.

    Columns as for ``documents_of_accounts_sql``; the amount is what was received, less
    what was paid back, in company currency.

    :param SQL visible: ids of the payments that the reader can open
    """
    return SQL(
        """SELECT account.id AS account_id, payment.id AS ref, payment.date AS date,
                  CASE payment.payment_type WHEN 'outbound' THEN 'refund'
                       ELSE 'payment' END AS step,
                  CONCAT_WS(' · ', payment.name, NULLIF(payment.memo, '')) AS name,
                  NULL::int AS user_id,
                  payment.amount_company_currency_signed AS amount
             FROM %(accounts)s
             JOIN res_partner party ON party.commercial_partner_id = account.partner_id
             JOIN account_payment payment
               ON payment.partner_id = party.id
              AND payment.company_id = covered.company_id
              AND payment.partner_type = 'customer'
              AND payment.state IN ('in_process', 'paid')
              AND payment.id IN %(visible)s""",
        accounts=ACCOUNTS,
        visible=visible,
    )


def transfers_of_accounts_sql(visible):
    """Return money from bank transactions without a payment, by invoice it settles.

    Columns as for ``documents_of_accounts_sql``; the id is the reconciliation's.

    :param SQL visible: ids of the invoices that the reader can open
    """
    return SQL(
        """SELECT account.id AS account_id, part.id AS ref, part.max_date AS date,
                  'payment' AS step, move.name AS name, NULL::int AS user_id,
                  part.amount AS amount
             FROM %(accounts)s
             JOIN account_move move ON %(of_account)s AND move.id IN %(visible)s
             JOIN account_move_line line
               ON line.move_id = move.id AND line.display_type = 'payment_term'
             JOIN account_partial_reconcile part ON part.debit_move_id = line.id
             JOIN account_move_line other
               ON other.id = part.credit_move_id AND other.payment_id IS NULL
              AND other.statement_line_id IS NOT NULL
              AND other.parent_state = 'posted'""",
        accounts=ACCOUNTS,
        of_account=OF_ACCOUNT,
        visible=visible,
    )
