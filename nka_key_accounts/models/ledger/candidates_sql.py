"""Which invoices a build has to look at again: what could differ from the ledger.

Where most of them could, it reads all invoices without a list.
"""

from odoo.tools import SQL

from ..facts.sales import CUSTOMER_TYPES


def only_wanted(build, column):
    """A join that leaves the invoices a build looks at; nothing where it looks at all."""
    if build.looks_at_all:
        return SQL()
    return SQL("JOIN wanted ON wanted.id = %s", SQL(column))


def wanted_cte(build, basis):
    """``wanted``: ids of the invoices, of those they credit, and of all credit notes of
    either: what one note takes back depends on the notes before it.
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


def _credited(build, basis):
    """Invoices with a line in the days: what it stood for may have left accounting."""
    return SQL(
        """SELECT move_ref FROM nka_bonus_line
            WHERE company_id = %s AND basis = %s AND date BETWEEN %s AND %s""",
        build.company.id,
        basis,
        *build.days,
    )


def _reconciled(build, condition):
    """Invoices of key accounts on either side of some reconciliations.

    A credit note goes by its source's client, so that all of them are kept.
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
            WHERE line.display_type = 'payment_term'
              AND %(is_own)s AND move.move_type IN %(types)s
              AND (move.reversed_entry_id IS NOT NULL
                   OR move.commercial_partner_id IN (
                       SELECT partner_id FROM nka_key_account
                        WHERE company_id = %(company)s))""",
        condition=condition,
        company=build.company.id,
        is_own=build.is_own("move.company_id"),
        types=CUSTOMER_TYPES,
    )


def _noted(build):
    """Credit notes of the days, whoever they are sent to: their source's client counts."""
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
