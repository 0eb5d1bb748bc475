"""A client's sales: the one source of what was invoiced to a client.

1. *Is it real?* Posted customer invoices and sales receipts; credit notes take back.
2. *Whose is it?* Of the account of the document's company or its parents whose client is the document's
   commercial partner, today's: Odoo lets documents follow a partner who moves. Owners
   count by the day of the document.
3. *How much, when?* Untaxed, in company currency at the document's own rate, on the
   invoice date.
4. *Who could have written it?* Whoever may post customer documents; posting is the only
   confirmation.

The fragments speak of rows called ``account``, ``move`` and ``line``.
"""

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from .companies import ACCOUNTS, domain_covered, is_covered_sql

SALE_TYPES = ("out_invoice", "out_receipt")
CUSTOMER_TYPES = (*SALE_TYPES, "out_refund")

IS_SALE = SQL("move.state = 'posted' AND move.move_type IN %s", CUSTOMER_TYPES)
IS_CREDIT_NOTE = SQL("move.move_type = 'out_refund'")
OF_ACCOUNT = SQL(
    """move.commercial_partner_id = account.partner_id
       AND move.company_id = covered.company_id AND %s""",
    IS_SALE,
)
#: Lines that add up to a document's untaxed amount: the rounding of cash belongs to it.
IS_SALE_LINE = SQL(
    """(line.display_type = 'product'
        OR line.display_type = 'rounding' AND line.tax_repartition_line_id IS NULL)"""
)
#: All lines sold to all accounts; ``-line.balance`` is their amount.
SOLD_LINES = SQL(
    """%s
       JOIN account_move move ON %s
       JOIN account_move_line line ON line.move_id = move.id AND %s
  LEFT JOIN product_product product ON product.id = line.product_id
  LEFT JOIN product_template template ON template.id = product.product_tmpl_id""",
    ACCOUNTS,
    OF_ACCOUNT,
    IS_SALE_LINE,
)


def revenue_sql(alias, since, until):
    """Revenue of the account row called ``alias``.

    Found by the index of the documents' partners: Odoo lets documents follow a partner
    who moves to another client.

    :param since: day or expression, itself excluded
    :param until: day or expression, included
    """
    return SQL(
        """(SELECT COALESCE(SUM(move.amount_untaxed_signed), 0)
              FROM res_partner party
              JOIN account_move move ON move.partner_id = party.id
             WHERE party.commercial_partner_id = %(client)s
               AND move.commercial_partner_id = %(client)s
               AND %(is_covered)s AND %(is_sale)s
               AND move.invoice_date > %(since)s AND move.invoice_date <= %(until)s)""",
        client=SQL.identifier(alias, "partner_id"),
        is_covered=is_covered_sql(
            SQL("move.company_id"), SQL.identifier(alias, "company_id")
        ),
        is_sale=IS_SALE,
        since=since,
        until=until,
    )


def last_day_sql(company, until):
    """Day of a company's or its branches' last sale until a day; NULL before the first one."""
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
    """Sales and their number of each person, of the accounts owned on the day.

    Where a day has several owners, each document counts for each of them by their share.

    :param tuple user_ids: whose
    :param SQL selected: further columns, or nothing
    """
    return SQL(
        """SELECT assignment.user_id,
                  SUM(assignment.share / 100 * move.amount_untaxed_signed)::text AS sales,
                  (SUM(assignment.share / 100) FILTER (WHERE NOT %(is_note)s))::text
                      AS invoices
                  %(selected)s
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
            GROUP BY assignment.user_id""",
        is_note=IS_CREDIT_NOTE,
        selected=selected,
        accounts=ACCOUNTS,
        of_account=OF_ACCOUNT,
        company=company_id,
        date_from=date_from,
        date_to=date_to,
        users=user_ids,
    )


def domain(accounts, since, until):
    """Domain of the documents of accounts of one company, ``since`` excluded."""
    return [
        ("commercial_partner_id", "in", accounts.sudo().partner_id.ids),
        domain_covered(accounts),
        ("move_type", "in", CUSTOMER_TYPES),
        ("state", "=", "posted"),
        ("invoice_date", ">", since),
        ("invoice_date", "<=", until),
    ]


def domain_of_month(account, month):
    """Domain of an account's documents of the month that begins on a day."""
    before = relativedelta(days=1)
    return domain(account, month - before, month + relativedelta(months=1) - before)


def domain_revenue(account, since, until):
    """Domain of what ``revenue_sql`` adds up."""
    client = account.sudo().partner_id
    return [
        ("partner_id.commercial_partner_id", "=", client.id),
        *domain(account, since, until),
    ]


def domain_lines(accounts, category, since, until):
    """Domain of the lines sold of a product category, or of none."""
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
    ]
