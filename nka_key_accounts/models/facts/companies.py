"""Companies whose documents belong to a key account: its own and the branches below it.

Branches are companies with a parent and share its currency. A client can be a key
account of a company only once, and of none of the companies above or below it.

Documents of a contact from before it became part of a client aren't sales of that
client:

1. *Is it real?* A supervisor assigned the contact to the client; ``nka.client.join``
   records it. The contact is a company or has documents of its own.
2. *Whose is it?* Such documents count neither for the account nor for its managers.
3. *How much, when?* Documents dated before the day of joining, and those of that day
   that existed already.
4. *Who could have written it?* Only the protected method in ``res.partner``.
"""

from odoo.tools import SQL

#: Each company with each company whose documents belong to its key accounts (few rows).
_COVERED = SQL(
    """SELECT own.id AS account_company_id, branch.id AS company_id
         FROM res_company own
         JOIN res_company branch
           ON starts_with(branch.parent_path, own.parent_path)"""
)
#: All accounts as ``account``, once for each company whose documents belong to them as
#: ``covered``: for queries over all accounts at once.
ACCOUNTS = SQL(
    """nka_key_account account
       JOIN (%s) covered ON covered.account_company_id = account.company_id""",
    _COVERED,
)


def with_branches(company):
    """Return the ids of a company and of all branches below it, in order.

    :param company: res.company
    :rtype: list[int]
    """
    companies = company.env["res.company"].sudo().with_context(active_test=False)
    return companies.search([("id", "child_of", company.ids)]).ids


def is_covered_sql(document, account):
    """Return whether a document's company is the account's company or one of its
    branches: for expressions about one account at a time.

    :param SQL document: column with the document's company, such as ``move.company_id``
    :param SQL account: column with the account's company, such as
        ``account.company_id``
    """
    return SQL(
        """%s IN (SELECT covered.company_id FROM (%s) covered
                   WHERE covered.account_company_id = %s)""",
        document,
        _COVERED,
        account,
    )


def covered_sql(company_id):
    """Return an SQL array of the ids of a company and its branches."""
    return SQL(
        """ARRAY(SELECT covered.company_id FROM (%s) covered
                  WHERE covered.account_company_id = %s)""",
        _COVERED,
        company_id,
    )


def domain_covered(accounts):
    """Return the condition that a document's company belongs to a company's accounts.

    :param accounts: nka.key.account of one company
    :rtype: tuple
    """
    return ("company_id", "child_of", accounts.company_id.ids)


# ---------------------------------------------------------------- documents before joining
def was_part_sql(kind, day, document):
    """Return whether a contact that has left was part of the client at the time of a
    document. Joining again later doesn't change that.

    Expression over a row ``earlier`` of ``nka.client.join``.

    :param str kind: ``move`` or ``order``
    :param SQL day: the document's day
    :param SQL document: the document's id
    """
    return SQL(
        """(earlier.date IS NULL OR earlier.date < %(day)s
            OR earlier.date = %(day)s AND earlier.%(mark)s < %(document)s)""",
        day=day,
        document=document,
        mark=SQL.identifier(f"{kind}_mark"),
    )


def is_own_sql(kind, account, partner, day, document):
    """Return whether a document counts for an account, so isn't from before a joining.

    :param str kind: ``move`` or ``order``
    :param SQL account: the account's id
    :param SQL partner: the contact on the document, not its commercial partner
    :param SQL day: the document's day
    :param SQL document: the document's id
    """
    return SQL(
        """(NOT EXISTS (SELECT FROM nka_client_join joined
                         WHERE joined.key_account_id = %(account)s
                           AND joined.partner_id = %(partner)s
                           AND (joined.date > %(day)s
                                OR joined.date = %(day)s
                               AND joined.%(mark)s >= %(document)s)
                           AND NOT EXISTS (
                                   SELECT FROM nka_client_join earlier
                                    WHERE earlier.key_account_id = joined.key_account_id
                                      AND earlier.partner_id = joined.partner_id
                                      AND earlier.date_left >= %(day)s
                                      AND %(was_part)s))
            AND NOT EXISTS (SELECT FROM nka_client_join merged
                             WHERE merged.key_account_id = %(account)s
                               AND merged.%(ref)s = %(document)s))""",
        account=account,
        partner=partner,
        day=day,
        document=document,
        mark=SQL.identifier(f"{kind}_mark"),
        was_part=was_part_sql(kind, day, document),
        ref=SQL.identifier(f"{kind}_ref"),
    )


def is_own_move_sql(account):
    """Return whether the document of a row ``move`` counts for an account.

    :param SQL account: the account's id
    """
    return is_own_sql(
        "move",
        account,
        SQL("move.partner_id"),
        SQL("COALESCE(move.invoice_date, move.date)"),
        SQL("move.id"),
    )


#: Expression over rows ``account`` and ``move``.
IS_OWN_MOVE = is_own_move_sql(SQL("account.id"))

#: Join from rows ``joined`` to the invoices ``move`` that they exclude.
_PAST_MOVES = SQL(
    """account_move move ON move.partner_id = joined.partner_id
       AND (joined.date > COALESCE(move.invoice_date, move.date)
            OR joined.date = COALESCE(move.invoice_date, move.date)
           AND joined.move_mark >= move.id)
       AND NOT EXISTS (SELECT FROM nka_client_join earlier
                        WHERE earlier.key_account_id = joined.key_account_id
                          AND earlier.partner_id = joined.partner_id
                          AND earlier.date_left >= COALESCE(move.invoice_date, move.date)
                          AND %s)""",
    was_part_sql("move", SQL("COALESCE(move.invoice_date, move.date)"), SQL("move.id")),
)


def past_move_ids(accounts):
    """Return the ids of the clients' invoices that don't count for these accounts.

    :param accounts: nka.key.account
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
    """Return ids of the documents that rows of ``nka.client.join`` exclude: one query.

    :param joins: nka.client.join
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
    """Return those of the partners that have orders, invoices, payments or leads.

    Takes one query.

    :param partners: res.partner
    """
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
    """Return the ids of invoices and orders by partner: one query.

    :param partners: res.partner
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
