"""What clients owe and how they pay.

1. *Is it real?* Receivable items of posted entries. A document is settled when its terms
   are reconciled in full; one that was reversed as a whole wasn't paid.
2. *Whose is it?* Of the account of the item's company or its parents whose client is
   the commercial partner of the item's partner. Owners count by today, or by the day asked for.
3. *How much, when?* What is left of the item in company currency; overdue from the day
   after its due date, settled on the day of its last reconciliation.
4. *Who could have written it?* Whoever may post and reconcile entries; nobody confirms it.

The fragments speak of a row called ``line``.
"""

from odoo.tools import SQL

from .companies import ACCOUNTS, domain_covered, is_covered_sql
from .sales import SALE_TYPES

RECEIVABLE = SQL(
    """account_account receivable ON receivable.id = line.account_id
       AND receivable.account_type = 'asset_receivable'"""
)
IS_OPEN = SQL("line.parent_state = 'posted' AND line.reconciled IS NOT TRUE")
#: What a document is reconciled with, the row ``other``, is money: of a payment or of a
#: bank statement. Credit notes, write-offs and exchange differences are none.
IS_MONEY = SQL("(other.payment_id IS NOT NULL OR other.statement_line_id IS NOT NULL)")
#: Terms of sales that ask for money, of a row ``move``.
IS_SALE_TERM = SQL(
    """line.display_type = 'payment_term' AND move.move_type IN %s
       AND move.payment_state IS DISTINCT FROM 'reversed'""",
    SALE_TYPES,
)


def overdue_sql(alias, today):
    """Overdue receivables, less open credits, of the account row called ``alias``."""
    return SQL(
        """(SELECT COALESCE(SUM(line.amount_residual), 0)
              FROM account_move_line line
              JOIN %(receivable)s
             WHERE line.partner_id IN (SELECT party.id FROM res_partner party
                                        WHERE party.commercial_partner_id = %(client)s)
               AND %(is_covered)s AND %(is_open)s
               AND line.date_maturity < %(today)s)""",
        receivable=RECEIVABLE,
        client=SQL.identifier(alias, "partner_id"),
        is_covered=is_covered_sql(
            SQL("line.company_id"), SQL.identifier(alias, "company_id")
        ),
        is_open=IS_OPEN,
        today=today,
    )


def domain_overdue(account, today):
    """Domain of what ``overdue_sql`` adds up."""
    return [
        ("partner_id.commercial_partner_id", "=", account.sudo().partner_id.id),
        domain_covered(account),
        ("account_id.account_type", "=", "asset_receivable"),
        ("reconciled", "=", False),
        ("parent_state", "=", "posted"),
        ("date_maturity", "<", today),
    ]


def domain_unpaid(company, clients):
    """Domain of the sales to clients that aren't paid, or not in full."""
    return [
        ("commercial_partner_id", "in", clients.ids),
        ("company_id", "child_of", company.id),
        ("move_type", "in", SALE_TYPES),
        ("state", "=", "posted"),
        ("amount_residual", ">", 0),
    ]


def read_open_amounts(accounts):
    """Open receivables of accounts, overdue or not: one statement.

    :rtype: dict[int, float]
    """
    return dict(
        accounts.env.execute_query(
            SQL(
                """SELECT account.id, SUM(line.amount_residual)
                     FROM %s
                     JOIN res_partner party
                       ON party.commercial_partner_id = account.partner_id
                     JOIN account_move_line line
                       ON line.partner_id = party.id
                      AND line.company_id = covered.company_id
                     JOIN %s
                    WHERE account.id = ANY(%s) AND %s
                    GROUP BY account.id""",
                ACCOUNTS,
                RECEIVABLE,
                accounts.ids,
                IS_OPEN,
            )
        )
    )


def read_settled(accounts, since):
    """Instalments of sales settled after a day: how many, how many late, worst delay.

    An instalment is settled on the day of its last reconciliation: one statement.

    :rtype: dict[int, tuple[int, int, int]]
    """
    rows = accounts.env.execute_query(
        SQL(
            """WITH settled AS (
                SELECT account.id, line.date_maturity, MAX(part.max_date) AS settled_on
                  FROM %(all_accounts)s
                  JOIN account_move_line line
                    ON line.partner_id = account.partner_id
                   AND line.company_id = covered.company_id
                  JOIN account_move move ON move.id = line.move_id
                  JOIN account_partial_reconcile part ON part.debit_move_id = line.id
                 WHERE account.id = ANY(%(accounts)s) AND %(is_term)s AND line.reconciled
                 GROUP BY account.id, line.id
            )
            SELECT id, COUNT(*), COUNT(*) FILTER (WHERE settled_on > date_maturity),
                   GREATEST(MAX(settled_on - date_maturity), 0)
              FROM settled WHERE settled_on > %(since)s GROUP BY id""",
            all_accounts=ACCOUNTS,
            accounts=accounts.ids,
            is_term=IS_SALE_TERM,
            since=since,
        )
    )
    return {account_id: tuple(numbers) for account_id, *numbers in rows}


def read_overdue_items(company, users, day):
    """Items of the accounts of managers that are overdue on a day: one statement.

    :return: (count, amount, ids) by user id
    """
    rows = company.env.execute_query(
        SQL(
            """SELECT account.manager_id, COUNT(*), SUM(line.amount_residual),
                      ARRAY_AGG(line.id ORDER BY line.id)
                 FROM %s
                 JOIN res_partner party
                   ON party.commercial_partner_id = account.partner_id
                 JOIN account_move_line line
                   ON line.partner_id = party.id AND line.company_id = covered.company_id
                 JOIN %s
                WHERE account.company_id = %s AND account.manager_id IN %s AND %s
                  AND line.amount_residual > 0 AND line.date_maturity < %s
                GROUP BY account.manager_id""",
            ACCOUNTS,
            RECEIVABLE,
            company.id,
            tuple(users.ids),
            IS_OPEN,
            day,
        )
    )
    return {user_id: tuple(found) for user_id, *found in rows}


def overdue_by_owner_sql(company_id, user_ids, day, with_ids=False):
    """Receivables of the accounts each person owned on a day, as they stood at its end.

    What was open then is what is open now, plus what was reconciled later. A client's
    open credits pay the oldest debts first.

    :param tuple user_ids: whose
    :param bool with_ids: whether to tell the overdue items too
    """
    ids = SQL(
        ", JSONB_AGG(id ORDER BY id) FILTER (WHERE residual > 0 AND is_overdue) AS ids"
    )
    return SQL(
        """WITH owner AS MATERIALIZED (
            SELECT account.partner_id AS client, assignment.user_id, assignment.share
              FROM nka_assignment assignment
              JOIN nka_key_account account ON account.id = assignment.key_account_id
             WHERE account.company_id = %(company)s
               AND assignment.user_id IN %(users)s
               AND assignment.date_from <= %(day)s
               AND (assignment.date_to IS NULL OR assignment.date_to >= %(day)s)
        ), receivable AS MATERIALIZED (
            SELECT id FROM account_account WHERE account_type = 'asset_receivable'
        ), later AS MATERIALIZED (
            SELECT line_id, SUM(amount) AS amount FROM (
                SELECT debit_move_id AS line_id, amount FROM account_partial_reconcile
                 WHERE %(is_covered)s AND max_date > %(day)s
                 UNION ALL
                SELECT credit_move_id, -amount FROM account_partial_reconcile
                 WHERE %(is_covered)s AND max_date > %(day)s
            ) reconciled GROUP BY line_id
        ), candidate AS MATERIALIZED (
            -- Open now: found by the index that Odoo keeps of such lines.
            SELECT line.id, line.partner_id, line.date, line.date_maturity,
                   line.amount_residual
              FROM account_move_line line
              JOIN receivable ON receivable.id = line.account_id
             WHERE %(is_open)s
               AND %(is_line_covered)s AND line.date <= %(day)s
             UNION ALL
            -- Settled since, as a whole.
            SELECT line.id, line.partner_id, line.date, line.date_maturity,
                   line.amount_residual
              FROM later
              JOIN account_move_line line ON line.id = later.line_id
              JOIN receivable ON receivable.id = line.account_id
             WHERE line.reconciled IS TRUE AND line.parent_state = 'posted'
               AND %(is_line_covered)s AND line.date <= %(day)s
        ), item AS MATERIALIZED (
            SELECT candidate.id, party.commercial_partner_id AS client,
                   COALESCE(candidate.date_maturity, candidate.date) < %(day)s
                       AS is_overdue,
                   candidate.amount_residual + COALESCE(later.amount, 0) AS residual
              FROM candidate
              JOIN res_partner party ON party.id = candidate.partner_id
              LEFT JOIN later ON later.line_id = candidate.id
             WHERE party.commercial_partner_id IN (SELECT client FROM owner)
        ), debt AS (
            SELECT client,
                   COALESCE(SUM(residual) FILTER (WHERE residual > 0), 0) AS open,
                   COALESCE(SUM(residual) FILTER (WHERE residual > 0 AND is_overdue), 0)
                       AS overdue,
                   COALESCE(-SUM(residual) FILTER (WHERE residual < 0), 0) AS credit
                   %(ids)s
              FROM item GROUP BY client
        )
        SELECT owner.user_id,
               SUM(owner.share / 100 * GREATEST(debt.overdue - debt.credit, 0))::text
                   AS overdue,
               SUM(owner.share / 100 * GREATEST(debt.open - debt.credit, 0))::text AS open
               %(all_ids)s
          FROM owner LEFT JOIN debt ON debt.client = owner.client
         GROUP BY owner.user_id""",
        company=company_id,
        is_covered=is_covered_sql(SQL("company_id"), SQL("%s", company_id)),
        is_line_covered=is_covered_sql(SQL("line.company_id"), SQL("%s", company_id)),
        users=user_ids,
        day=day,
        is_open=IS_OPEN,
        ids=ids if with_ids else SQL(),
        all_ids=SQL(", JSONB_AGG(debt.ids)") if with_ids else SQL(),
    )
