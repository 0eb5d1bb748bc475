"""Which companies' documents belong to a key account: its company's and its branches'.

Branches are companies with a parent; they share its currency. A client is a key account
of a company once, and of none of the companies above or below it.

What a contact bought before it became part of a key client: no sale of that client.

1. *Is it real?* A supervisor put the contact, a company or one with documents of its own,
   under the client; ``nka.client.join`` has the row.
2. *Whose is it?* Nobody's: neither the account's nor that of its managers.
3. *How much, when?* Documents dated before the day of the joining, and those of that
   day which were there already.
4. *Who could have written it?* The guarded step itself only; see ``res.partner``.
"""

from odoo.tools import SQL

#: A company and each company whose documents belong to its key accounts: few rows.
_COVERED = SQL(
    """SELECT own.id AS account_company_id, branch.id AS company_id
         FROM res_company own
         JOIN res_company branch
           ON starts_with(branch.parent_path, own.parent_path)"""
)
#: All accounts, rows ``account``, once for each company whose documents belong to them,
#: rows ``covered``: for statements about all accounts at once.
ACCOUNTS = SQL(
    """nka_key_account account
       JOIN (%s) covered ON covered.account_company_id = account.company_id""",
    _COVERED,
)


def with_branches(company):
    """Ids of a company and of all branches below it, in order.

    :param company: res.company
    :rtype: list[int]
    """
    companies = company.env["res.company"].sudo().with_context(active_test=False)
    return companies.search([("id", "child_of", company.ids)]).ids


def is_covered_sql(document, account):
    """Whether a document's company is an account's company or one of its branches: for
    expressions about one account at a time.

    :param SQL document: column with the document's company, as ``move.company_id``
    :param SQL account: column with the account's company, as ``account.company_id``
    """
    return SQL(
        """%s IN (SELECT covered.company_id FROM (%s) covered
                   WHERE covered.account_company_id = %s)""",
        document,
        _COVERED,
        account,
    )


def covered_sql(company_id):
    """Array of the ids of a company and its branches, within a statement."""
    return SQL(
        """ARRAY(SELECT covered.company_id FROM (%s) covered
                  WHERE covered.account_company_id = %s)""",
        _COVERED,
        company_id,
    )


def domain_covered(accounts):
    """Condition that a document's company is of accounts of one company.

    :param accounts: nka.key.account
    """
    return ("company_id", "child_of", accounts.company_id.ids)


# ---------------------------------------------------------------- before a joining
def is_own_sql(kind, account, partner, day, document):
    """Whether a document counts for an account: it isn't of before a joining.

    :param str kind: ``move`` or ``order``
    :param SQL account: the account's id
    :param SQL partner: the contact on the document, not its commercial partner
    :param SQL day: the document's day
    :param SQL document: its id
    """
    return SQL(
        """(NOT EXISTS (SELECT FROM nka_client_join joined
                         WHERE joined.key_account_id = %(account)s
                           AND joined.partner_id = %(partner)s
                           AND (joined.date > %(day)s
                                OR joined.date = %(day)s
                               AND joined.%(mark)s >= %(document)s))
            AND NOT EXISTS (SELECT FROM nka_client_join merged
                             WHERE merged.key_account_id = %(account)s
                               AND merged.%(ref)s = %(document)s))""",
        account=account,
        partner=partner,
        day=day,
        document=document,
        mark=SQL.identifier(f"{kind}_mark"),
        ref=SQL.identifier(f"{kind}_ref"),
    )


def is_own_move_sql(account):
    """Whether the document of a row ``move`` counts for an account.

    :param SQL account: the account's id
    """
    return is_own_sql(
        "move",
        account,
        SQL("move.partner_id"),
        SQL("COALESCE(move.invoice_date, move.date)"),
        SQL("move.id"),
    )


#: For rows ``account`` and ``move``.
IS_OWN_MOVE = is_own_move_sql(SQL("account.id"))

#: From rows ``joined`` to the invoices, ``move``, that they keep out.
_PAST_MOVES = SQL(
    """account_move move ON move.partner_id = joined.partner_id
       AND (joined.date > COALESCE(move.invoice_date, move.date)
            OR joined.date = COALESCE(move.invoice_date, move.date)
           AND joined.move_mark >= move.id)"""
)


def past_move_ids(accounts):
    """Ids of the invoices of these accounts' clients that don't count for them.

    :rtype: list[int]
    """
    rows = accounts.env.execute_query(
        SQL(
            """SELECT move.id FROM nka_client_join joined
                 JOIN %(past_moves)s
                WHERE joined.key_account_id = ANY(%(accounts)s)
                UNION
               SELECT move_ref FROM nka_client_join
                WHERE key_account_id = ANY(%(accounts)s) AND move_ref > 0""",
            past_moves=_PAST_MOVES,
            accounts=accounts.ids,
        )
    )
    return [row[0] for row in rows]


def read_past(joins):
    """Ids of the documents that rows of ``nka.client.join`` keep out: one query.

    :return: ids of ``move`` and ``order`` by row id
    :rtype: dict[int, dict[str, list[int]]]
    """
    joins.env.flush_all()
    rows = joins.env.execute_query(
        SQL(
            """SELECT joined.id, 'move', array_agg(move.id)
                 FROM nka_client_join joined JOIN %(past_moves)s
                WHERE joined.id = ANY(%(rows)s) GROUP BY joined.id
                UNION ALL
               SELECT joined.id, 'order', array_agg(sale.id)
                 FROM nka_client_join joined
                 JOIN sale_order sale ON sale.partner_id = joined.partner_id
            LEFT JOIN nka_order_confirmation confirmation
                   ON confirmation.order_ref = sale.id
           CROSS JOIN LATERAL (
                SELECT COALESCE(confirmation.date, sale.date_order::date) AS date) ordered
                WHERE (joined.date > ordered.date
                       OR joined.date = ordered.date AND joined.order_mark >= sale.id)
                  AND joined.id = ANY(%(rows)s) GROUP BY joined.id""",
            past_moves=_PAST_MOVES,
            rows=joins.ids,
        )
    )
    found = {}
    for row_id, kind, ids in rows:
        found.setdefault(row_id, {})[kind] = ids
    return found


def with_documents(partners):
    """Those of these partners that have orders, invoices, payments or leads: one query."""
    partners.env.flush_all()
    rows = partners.env.execute_query(
        SQL(
            """SELECT party.id FROM res_partner party
                WHERE party.id = ANY(%s) AND (
                    EXISTS (SELECT FROM sale_order document
                             WHERE document.partner_id = party.id
                                OR document.partner_invoice_id = party.id)
                    OR EXISTS (SELECT FROM account_move document
                                WHERE document.partner_id = party.id)
                    OR EXISTS (SELECT FROM account_payment document
                                WHERE document.partner_id = party.id)
                    OR EXISTS (SELECT FROM account_move_line document
                                WHERE document.partner_id = party.id)
                    OR EXISTS (SELECT FROM crm_lead document
                                WHERE document.partner_id = party.id))""",
            partners.ids,
        )
    )
    return partners.browse(sorted(row[0] for row in rows))


def read_documents(partners):
    """Invoices and orders of partners, by partner: one query.

    :return: ids of ``move`` and ``order`` by partner id
    :rtype: dict[int, dict[str, list[int]]]
    """
    partners.env.flush_all()
    rows = partners.env.execute_query(
        SQL(
            """SELECT partner_id, 'move', array_agg(id ORDER BY id) FROM account_move
                WHERE partner_id = ANY(%(partners)s) GROUP BY partner_id
                UNION ALL
               SELECT partner_id, 'order', array_agg(id ORDER BY id) FROM sale_order
                WHERE partner_id = ANY(%(partners)s) GROUP BY partner_id""",
            partners=partners.ids,
        )
    )
    found = {}
    for partner_id, kind, ids in rows:
        found.setdefault(partner_id, {})[kind] = ids
    return found
