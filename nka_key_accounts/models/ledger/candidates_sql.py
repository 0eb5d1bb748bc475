"""Invoices that a build reads again because they could differ from the ledger.

If most of them could, the build reads all invoices without a list.
"""

from odoo.tools import SQL

from ..facts.sales import CUSTOMER_TYPES


def only_wanted(build, column):
    """Return the join that selects the invoices of a build; empty if it reads all.

    :param build: Build
    :param str column: id of the document, such as ``move.id``
    """
    if build.looks_at_all:
        return SQL()
    return SQL("JOIN wanted ON wanted.id = %s", SQL(column))


def wanted_cte(build, basis):
    """Return the CTEs up to ``wanted``: ids of the changed invoices, of the invoices
    they credit, and of all credit notes of either.

    The amount that a credit note deducts depends on the notes before it.
    """
    found = SQL(" UNION ALL ").join(_sources(build, basis))
    return SQL(
        """found AS MATERIALIZED (%s), sourced AS MATERIALIZED (
            SELECT id FROM found
             UNION ALL
            SELECT move.reversed_entry_id FROM found
              JOIN account_move move ON move.id = found.id
             WHERE move.reversed_entry_id IS NOT NULL
        ), wanted AS MATERIALIZED (
            SELECT id FROM sourced
             UNION
            SELECT note.id FROM sourced
              JOIN account_move note ON note.reversed_entry_id = sourced.id
        )""",
        found,
    )


def _sources(build, basis):
    if build.only_accounts is not None:
        return _recent(build, basis)
    sources = [
        SQL(
            "SELECT move_ref AS id FROM nka_bonus_touched WHERE company_ref = %s",
            build.company.id,
        ),
        _credited(build, basis),
    ]
    if basis == "paid":
        sources += [
            _reconciled(build, SQL("max_date BETWEEN %s AND %s", *build.days)),
            _reconciled(build, SQL("id > %s", build.mark)) if build.is_built else None,
            _beside_new(build) if build.is_built else None,
            _beside_touched(build) if build.is_built else None,
            _recounted(build) if build.changed_money else None,
        ]
    else:
        sources += [
            _invoices_of(
                build, SQL("move.invoice_date BETWEEN %s AND %s", *build.days)
            ),
            _noted(build),
        ]
    if build.changed_accounts:
        sources.append(
            _invoices_of(build, SQL("account.id = ANY(%s)", build.changed_accounts))
        )
    return [source for source in sources if source]


def _recent(build, basis):
    """Return the documents of some accounts that have events in the period."""
    is_recent = SQL("move.invoice_date BETWEEN %s AND %s", *build.days)
    if basis == "paid":
        is_recent = SQL(
            """EXISTS (SELECT FROM account_move_line term
                         JOIN account_partial_reconcile partial
                           ON term.id IN (partial.debit_move_id, partial.credit_move_id)
                        WHERE term.move_id = move.id
                          AND term.display_type = 'payment_term'
                          AND partial.max_date BETWEEN %s AND %s)""",
            *build.days,
        )
    accounts = SQL("account.id = ANY(%s)", build.only_accounts)
    credited = SQL(
        "%s AND key_account_id = ANY(%s)",
        _credited(build, basis),
        build.only_accounts,
    )
    return [_invoices_of(build, SQL("%s AND %s", accounts, is_recent)), credited]


def _credited(build, basis):
    """Return invoices with ledger lines in the period; their source can be gone."""
    return SQL(
        """SELECT move_ref FROM nka_bonus_line
            WHERE company_id = %s AND basis = %s AND date BETWEEN %s AND %s""",
        build.company.id,
        basis,
        *build.days,
    )


def _reconciled(build, condition):
    """Return invoices of key accounts on either side of the selected reconciliations.

    A credit note counts for its source's client, so all credit notes are included. The
    accounts are joined: for a subquery of them, the planner counts its cost for each
    document, and reads all documents instead of looking up those of a month.
    """
    return SQL(
        """SELECT move.id
             FROM (SELECT debit_move_id AS id FROM account_partial_reconcile
                    WHERE %(condition)s
                    UNION ALL
                   SELECT credit_move_id FROM account_partial_reconcile
                    WHERE %(condition)s) AS side
             JOIN account_move_line line ON line.id = side.id
             JOIN account_move move ON move.id = line.move_id
             LEFT JOIN nka_key_account account
               ON account.partner_id = move.commercial_partner_id
              AND account.company_id = %(company)s
            WHERE line.display_type = 'payment_term'
              AND %(is_own)s AND move.move_type IN %(types)s
              AND (move.reversed_entry_id IS NOT NULL OR account.id IS NOT NULL)""",
        condition=condition,
        company=build.company.id,
        is_own=build.is_own("move.company_id"),
        types=CUSTOMER_TYPES,
    )


def _beside_new(build):
    """Return invoices settled by an entry that has settled more since the last build.

    The discount in the entry can belong to the new part.
    """
    return _settled_by(
        SQL(
            """SELECT line.move_id
                 FROM account_partial_reconcile partial
                 JOIN account_move_line line
                   ON line.id IN (partial.debit_move_id, partial.credit_move_id)
                WHERE partial.id > %s
                  AND line.display_type IS DISTINCT FROM 'payment_term'""",
            build.mark,
        )
    )


def _beside_touched(build):
    """Return invoices settled together with a changed one.

    Its discount can differ now, and so the shortfall of the others.
    """
    return _settled_by(
        SQL(
            """SELECT other.move_id
                 FROM nka_bonus_touched touched
                 JOIN account_move_line term ON term.move_id = touched.move_ref
                  AND term.display_type = 'payment_term'
                 JOIN account_partial_reconcile partial ON partial.debit_move_id = term.id
                 JOIN account_move_line other ON other.id = partial.credit_move_id
                WHERE touched.company_ref = %s
                  AND other.display_type IS DISTINCT FROM 'payment_term'""",
            build.company.id,
        )
    )


def _recounted(build):
    """Return invoices settled through accounts whose status as money has changed."""
    return _settled_by(
        SQL(
            "SELECT move_id FROM account_move_line WHERE account_id = ANY(%s)",
            build.changed_money,
        )
    )


def _settled_by(entries):
    """Return the documents reconciled with some entries.

    :param SQL entries: query for the entries' ids
    """
    return SQL(
        """SELECT term.move_id
             FROM (SELECT DISTINCT move_id FROM (%s) AS entry) AS entry
             JOIN account_move_line own ON own.move_id = entry.move_id
            CROSS JOIN LATERAL (
                  SELECT debit_move_id AS id FROM account_partial_reconcile
                   WHERE credit_move_id = own.id
                   UNION ALL
                  SELECT credit_move_id FROM account_partial_reconcile
                   WHERE debit_move_id = own.id) AS other
             JOIN account_move_line term
               ON term.id = other.id AND term.display_type = 'payment_term'""",
        entries,
    )


def _noted(build):
    """Return the credit notes of the period, whoever they are sent to: their
    source's client counts.
    """
    return SQL(
        """SELECT id FROM account_move
            WHERE %s AND move_type = 'out_refund'
              AND reversed_entry_id IS NOT NULL AND invoice_date BETWEEN %s AND %s""",
        build.is_own("company_id"),
        *build.days,
    )


def _invoices_of(build, condition):
    return SQL(
        """SELECT move.id
             FROM account_move move
             JOIN nka_key_account account
               ON account.partner_id = move.commercial_partner_id
              AND account.company_id = %s
            WHERE %s AND move.move_type IN %s AND %s""",
        build.company.id,
        build.is_own("move.company_id"),
        CUSTOMER_TYPES,
        condition,
    )
