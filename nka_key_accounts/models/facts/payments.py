"""Receivables and payments of clients.

1. *Is it real?* Receivable items of posted entries. A document is settled once its
   terms are fully reconciled; a fully reversed one wasn't paid.
2. *Whose is it?* Of the account of the item's company or its parents whose client is
   the commercial partner of the item's partner. Owners count by today or a given day.
3. *How much, when?* The item's residual in company currency, plus what drafts or
   rejected payments settle (``REOPENED``), which Odoo's residual omits. Overdue from
   the day after the due date, settled on the day of the last reconciliation.
4. *Who could have written it?* Any user who can post and reconcile; unconfirmed.

The fragments use a row called ``line``.

Money is what reaches accounts that count as money (``money_accounts``): through a
payment, a bank statement line or any other posted entry. Credit notes, write-offs and
exchange differences aren't money. An entry that reaches money in part counts in part.
The missing part is spread over everything it settles, except early payment discounts,
which belong to the document whose terms granted them.
"""

from dataclasses import dataclass

from odoo.fields import Domain
from odoo.tools import SQL

from .companies import ACCOUNTS, domain_covered, is_covered_sql
from .sales import SALE_TYPES

RECEIVABLE = SQL(
    """account_account receivable ON receivable.id = line.account_id
       AND receivable.account_type = 'asset_receivable'"""
)
IS_OPEN = SQL("line.parent_state = 'posted' AND line.reconciled IS NOT TRUE")
#: Whether what settles a document (row ``other``, with ``payment``) is posted. Payments
#: must be in process or paid *and* have a posted entry: neither implies the other.
IS_REAL = SQL(
    """(other.parent_state = 'posted'
        AND (payment.id IS NULL OR payment.state IN ('in_process', 'paid')))"""
)
#: Payment terms of sales documents, of a row ``move``, unless fully reversed.
IS_SALE_TERM = SQL(
    """line.display_type = 'payment_term' AND move.move_type IN %s
       AND move.payment_state IS DISTINCT FROM 'reversed'""",
    SALE_TYPES,
)
#: ``unreal``: receivable items that settle nothing, as their entry isn't posted or
#: their payment isn't in process or paid. Found from those few entries and payments.
_UNREAL = SQL(
    """unreal AS MATERIALIZED (
        SELECT line.id
          FROM account_journal journal
          JOIN account_move move
            ON move.journal_id = journal.id AND move.state IN ('draft', 'cancel')
          JOIN account_move_line line ON line.move_id = move.id
          JOIN %(receivable)s
         UNION
        SELECT line.id
          FROM account_payment payment
          JOIN account_move_line line ON line.payment_id = payment.id
          JOIN %(receivable)s
         WHERE payment.state NOT IN ('in_process', 'paid')
    )""",
    receivable=RECEIVABLE,
)
#: ``unsettled``: amounts reconciled with them, by item and day, which are still owed.
_UNSETTLED = SQL(
    """unsettled AS MATERIALIZED (
        SELECT part.debit_move_id AS line_id, part.amount, part.max_date
          FROM unreal JOIN account_partial_reconcile part
            ON part.credit_move_id = unreal.id
         UNION ALL
        SELECT part.credit_move_id, -part.amount, part.max_date
          FROM unreal JOIN account_partial_reconcile part
            ON part.debit_move_id = unreal.id
    )"""
)
#: ``reopened``: corrections to Odoo's residuals of posted items.
REOPENED = SQL(
    """%s, %s, reopened AS MATERIALIZED (
        SELECT line.id, line.partner_id, line.company_id, line.date_maturity,
               unsettled.amount
          FROM unsettled
          JOIN account_move_line line ON line.id = unsettled.line_id
          JOIN %s
         WHERE line.parent_state = 'posted'
           AND line.id NOT IN (SELECT id FROM unreal)
         UNION ALL
        SELECT line.id, line.partner_id, line.company_id, line.date_maturity,
               -line.amount_residual
          FROM unreal
          JOIN account_move_line line ON line.id = unreal.id
         WHERE %s
    )""",
    _UNREAL,
    _UNSETTLED,
    RECEIVABLE,
    IS_OPEN,
)


def overdue_sql(alias, today):
    """Return overdue receivables less open credits of the account row ``alias``."""
    return SQL(
        """(WITH %(reopened)s
            SELECT COALESCE(SUM(item.amount), 0) FROM (
                SELECT line.amount_residual AS amount
                  FROM account_move_line line
                  JOIN %(receivable)s
                 WHERE line.partner_id IN (%(parties)s)
                   AND %(is_covered)s AND %(is_open)s
                   AND line.date_maturity < %(today)s
                 UNION ALL
                SELECT line.amount FROM reopened line
                 WHERE line.partner_id IN (%(parties)s)
                   AND %(is_covered)s AND line.date_maturity < %(today)s
            ) item)""",
        reopened=REOPENED,
        receivable=RECEIVABLE,
        parties=SQL(
            """SELECT party.id FROM res_partner party
                WHERE party.commercial_partner_id = %s""",
            SQL.identifier(alias, "partner_id"),
        ),
        is_covered=is_covered_sql(
            SQL("line.company_id"), SQL.identifier(alias, "company_id")
        ),
        is_open=IS_OPEN,
        today=today,
    )


def domain_overdue(account, today):
    """Return the domain of what ``overdue_sql`` adds up: open items, and items
    that only a draft settles, which show Odoo's own residual.
    """
    account.env.flush_all()
    reopened = account.env.execute_query(
        SQL("WITH %s SELECT DISTINCT id FROM reopened", REOPENED)
    )
    return [
        ("partner_id.commercial_partner_id", "=", account.sudo().partner_id.id),
        domain_covered(account),
        ("account_id.account_type", "=", "asset_receivable"),
        "|",
        ("reconciled", "=", False),
        ("id", "in", [line_id for (line_id,) in reopened]),
        ("parent_state", "=", "posted"),
        ("date_maturity", "<", today),
    ]


def domain_unpaid(company, clients):
    """Return the domain of sales to clients that aren't paid, or not in full."""
    return [
        ("commercial_partner_id", "in", clients.ids),
        ("company_id", "child_of", company.id),
        ("move_type", "in", SALE_TYPES),
        ("state", "=", "posted"),
        ("amount_residual", ">", 0),
    ]


def read_open_amounts(accounts):
    """Return open receivables of accounts by account id, overdue or not: one query.

    :rtype: dict[int, float]
    """
    return dict(
        accounts.env.execute_query(
            SQL(
                """WITH %(reopened)s
                   SELECT account.id, SUM(item.amount)
                     FROM %(all_accounts)s
                     JOIN res_partner party
                       ON party.commercial_partner_id = account.partner_id
               CROSS JOIN LATERAL (
                       SELECT line.amount_residual AS amount
                         FROM account_move_line line
                         JOIN %(receivable)s
                        WHERE line.partner_id = party.id
                          AND line.company_id = covered.company_id AND %(is_open)s
                        UNION ALL
                       SELECT line.amount FROM reopened line
                        WHERE line.partner_id = party.id
                          AND line.company_id = covered.company_id) item
                    WHERE account.id = ANY(%(accounts)s)
                    GROUP BY account.id""",
                reopened=REOPENED,
                all_accounts=ACCOUNTS,
                receivable=RECEIVABLE,
                accounts=accounts.ids,
                is_open=IS_OPEN,
            )
        )
    )


def read_settled(accounts, since):
    """Return installments settled after a day: number, number late, worst delay (days).

    An installment is settled on the day of its last reconciliation, and isn't while a
    draft is part of it: one query.

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
                  JOIN account_move_line other ON other.id = part.credit_move_id
                  LEFT JOIN account_payment payment ON payment.id = other.payment_id
                 WHERE account.id = ANY(%(accounts)s) AND %(is_term)s AND line.reconciled
                 GROUP BY account.id, line.id
                HAVING BOOL_AND(%(is_real)s)
            )
            SELECT id, COUNT(*), COUNT(*) FILTER (WHERE settled_on > date_maturity),
                   GREATEST(MAX(settled_on - date_maturity), 0)
              FROM settled WHERE settled_on > %(since)s GROUP BY id""",
            all_accounts=ACCOUNTS,
            accounts=accounts.ids,
            is_term=IS_SALE_TERM,
            is_real=IS_REAL,
            since=since,
        )
    )
    return {account_id: tuple(numbers) for account_id, *numbers in rows}


def read_overdue_items(company, users, day):
    """Return the items of managers' accounts that are overdue on a day: one query.

    :return: (count, amount in company currency, ids) by user id
    """
    rows = company.env.execute_query(
        SQL(
            """WITH %(reopened)s, item AS (
                SELECT account.manager_id, item.id, SUM(item.amount) AS amount
                  FROM %(all_accounts)s
                  JOIN res_partner party
                    ON party.commercial_partner_id = account.partner_id
            CROSS JOIN LATERAL (
                    SELECT line.id, line.amount_residual AS amount
                      FROM account_move_line line
                      JOIN %(receivable)s
                     WHERE line.partner_id = party.id
                       AND line.company_id = covered.company_id
                       AND %(is_open)s AND line.date_maturity < %(day)s
                     UNION ALL
                    SELECT line.id, line.amount FROM reopened line
                     WHERE line.partner_id = party.id
                       AND line.company_id = covered.company_id
                       AND line.date_maturity < %(day)s) item
                 WHERE account.company_id = %(company)s AND account.manager_id IN %(users)s
                 GROUP BY account.manager_id, item.id
            )
            SELECT manager_id, COUNT(*), SUM(amount), ARRAY_AGG(id ORDER BY id)
              FROM item WHERE amount > 0 GROUP BY manager_id""",
            reopened=REOPENED,
            all_accounts=ACCOUNTS,
            receivable=RECEIVABLE,
            company=company.id,
            users=tuple(users.ids),
            is_open=IS_OPEN,
            day=day,
        )
    )
    return {user_id: tuple(found) for user_id, *found in rows}


def overdue_by_owner_sql(company_id, user_ids, day, with_ids=False):
    """Return the query for receivables of users' accounts at the end of a day.

    Open then is what is open now, plus what was reconciled later or with entries that
    aren't real. A client's open credits reduce the oldest debts first.

    :param tuple user_ids: owners of the accounts on the day
    :param bool with_ids: whether to return the ids of overdue items, too
    """
    steps = [
        _owners_cte(company_id, user_ids, day),
        _UNREAL,
        _UNSETTLED,
        _later_cte(company_id, day),
        _candidate_ctes(company_id, day),
        _debt_ctes(day, with_ids),
    ]
    return SQL(
        """WITH %s
        SELECT owner.user_id,
               SUM(owner.share / 100 * GREATEST(debt.overdue - debt.credit, 0))::text
                   AS overdue,
               SUM(owner.share / 100 * GREATEST(debt.open - debt.credit, 0))::text AS open
               %s
          FROM owner LEFT JOIN debt ON debt.client = owner.client
         GROUP BY owner.user_id""",
        SQL(", ").join(steps),
        SQL(", JSONB_AGG(debt.ids)") if with_ids else SQL(),
    )


def _owners_cte(company_id, user_ids, day):
    """Return the CTE ``owner``: clients that users owned on a day, with share."""
    return SQL(
        """owner AS MATERIALIZED (
            SELECT account.partner_id AS client, assignment.user_id, assignment.share
              FROM nka_assignment assignment
              JOIN nka_key_account account ON account.id = assignment.key_account_id
             WHERE account.company_id = %(company)s
               AND assignment.user_id IN %(users)s
               AND assignment.date_from <= %(day)s
               AND (assignment.date_to IS NULL OR assignment.date_to >= %(day)s)
        )""",
        company=company_id,
        users=user_ids,
        day=day,
    )


def _later_cte(company_id, day):
    """Return ``later``: amounts owed at the end of a day and settled since, by item."""
    return SQL(
        """later AS MATERIALIZED (
            SELECT line_id, SUM(amount) AS amount FROM (
                SELECT debit_move_id AS line_id, amount FROM account_partial_reconcile
                 WHERE %(is_covered)s AND max_date > %(day)s
                 UNION ALL
                SELECT credit_move_id, -amount FROM account_partial_reconcile
                 WHERE %(is_covered)s AND max_date > %(day)s
                 UNION ALL
                SELECT line_id, amount FROM unsettled WHERE max_date <= %(day)s
            ) reconciled GROUP BY line_id
        )""",
        is_covered=is_covered_sql(SQL("company_id"), SQL("%s", company_id)),
        day=day,
    )


def _candidate_ctes(company_id, day):
    """Return ``candidate``: items that may have been open at the end of a day."""
    return SQL(
        """receivable AS MATERIALIZED (
            SELECT id FROM account_account WHERE account_type = 'asset_receivable'
        ), candidate AS MATERIALIZED (
            -- Open now: found by Odoo's index of unreconciled lines.
            SELECT line.id, line.partner_id, line.date, line.date_maturity,
                   line.amount_residual
              FROM account_move_line line
              JOIN receivable ON receivable.id = line.account_id
             WHERE %(is_open)s
               AND %(is_covered)s AND line.date <= %(day)s
             UNION ALL
            -- Fully settled later, or by entries that don't count.
            SELECT line.id, line.partner_id, line.date, line.date_maturity,
                   line.amount_residual
              FROM later
              JOIN account_move_line line ON line.id = later.line_id
              JOIN receivable ON receivable.id = line.account_id
             WHERE line.reconciled IS TRUE AND line.parent_state = 'posted'
               AND %(is_covered)s AND line.date <= %(day)s
        )""",
        is_open=IS_OPEN,
        is_covered=is_covered_sql(SQL("line.company_id"), SQL("%s", company_id)),
        day=day,
    )


def _debt_ctes(day, with_ids):
    """Return ``item`` (residual of each item of owned clients, and whether
    overdue) and ``debt`` (open and overdue amount and open credits of each
    client).
    """
    ids = SQL(
        ", JSONB_AGG(id ORDER BY id) FILTER (WHERE residual > 0 AND is_overdue) AS ids"
    )
    return SQL(
        """item AS MATERIALIZED (
            SELECT candidate.id, party.commercial_partner_id AS client,
                   COALESCE(candidate.date_maturity, candidate.date) < %s
                       AS is_overdue,
                   candidate.amount_residual + COALESCE(later.amount, 0) AS residual
              FROM candidate
              JOIN res_partner party ON party.id = candidate.partner_id
              LEFT JOIN later ON later.line_id = candidate.id
             WHERE party.commercial_partner_id IN (SELECT client FROM owner)
               AND candidate.id NOT IN (SELECT id FROM unreal)
        ), debt AS (
            SELECT client,
                   COALESCE(SUM(residual) FILTER (WHERE residual > 0), 0) AS open,
                   COALESCE(SUM(residual) FILTER (WHERE residual > 0 AND is_overdue), 0)
                       AS overdue,
                   COALESCE(-SUM(residual) FILTER (WHERE residual < 0), 0) AS credit
                   %s
              FROM item GROUP BY client
        )""",
        day,
        ids if with_ids else SQL(),
    )


def domain_open_items(accounts, day):
    """Return the domain of clients' open items today, of documents up to a day."""
    return Domain(
        [
            ("partner_id.commercial_partner_id", "in", accounts.sudo().partner_id.ids),
            ("company_id", "child_of", accounts.company_id.ids),
            ("account_id.account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
            ("amount_residual", ">", 0),
            ("date", "<=", day),
        ]
    )


# ---------------------------------------------------------------- money
@dataclass(frozen=True, slots=True)
class MoneyAccounts:
    """Account ids of a company and its branches, by their meaning for payments.

    :param money: what reaches them is money
    :param discount: accounts for early payment discounts
    :param exchange: accounts for exchange differences
    """

    money: list
    discount: list
    exchange: list

    @property
    def ids(self):
        """All account ids; the ledger stores those with which it was built."""
        return sorted({*self.money, *self.discount, *self.exchange})


def money_accounts(company):
    """Return the accounts that distinguish money from mere settlement: one query.

    Money accounts are bank and cash, the outstanding accounts of bank journals of the
    company, its parents and branches, and those configured for the company. Not
    suspense accounts: their amounts reach the bank through another line of the entry.

    :param company: res.company
    :rtype: MoneyAccounts
    """
    [found] = company.env.execute_query(
        SQL(
            """WITH family AS (
                SELECT id, parent_path FROM res_company WHERE parent_path LIKE %(root)s
            ), journal AS (
                SELECT account_journal.* FROM account_journal
                 WHERE company_id IN (SELECT id FROM family)
                   AND type IN ('bank', 'cash', 'credit')
            ), own AS (
                SELECT account.id
                  FROM account_account account
                  JOIN account_account_res_company_rel rel
                    ON rel.account_account_id = account.id
                 WHERE rel.res_company_id IN (SELECT id FROM family)
                   AND account.account_type IN ('asset_cash', 'liability_credit_card')
                 UNION SELECT default_account_id FROM journal
                 UNION SELECT line.payment_account_id
                         FROM account_payment_method_line line
                         JOIN journal ON journal.id = line.journal_id
                 UNION SELECT data.res_id FROM ir_model_data data
                         JOIN family ON data.name IN (
                              family.id || '_account_journal_payment_debit_account_id',
                              family.id || '_account_journal_payment_credit_account_id')
                        WHERE data.module = 'account' AND data.model = 'account.account'
                 UNION SELECT account_id FROM nka_money_account_rel
                        WHERE company_id = %(company)s
            )
            SELECT ARRAY(SELECT account.id
                           FROM own JOIN account_account account ON account.id = own.id
                          WHERE account.account_type != 'asset_receivable'
                          ORDER BY account.id),
                   ARRAY(SELECT DISTINCT account FROM res_company, unnest(ARRAY[
                             account_journal_early_pay_discount_loss_account_id,
                             account_journal_early_pay_discount_gain_account_id])
                             AS account
                          WHERE res_company.id IN (SELECT id FROM family)
                            AND account IS NOT NULL),
                   ARRAY(SELECT DISTINCT account FROM res_company, unnest(ARRAY[
                             income_currency_exchange_account_id,
                             expense_currency_exchange_account_id]) AS account
                          WHERE res_company.id IN (SELECT id FROM family)
                            AND account IS NOT NULL)""",
            root=f"{company.sudo().root_id.id}/%",
            company=company.id,
        )
    )
    return MoneyAccounts(*found)


def money_ctes(accounts):
    """Return the CTEs from ``matched``, what documents are matched with, to ``money``.

    A row of ``matched`` is a reconciliation: ``move_id``, ``currency_id`` and
    ``digits`` of the document, ``is_refund``, ``source_ref``, ``day``, ``amount`` in
    the document's currency, ``other_id`` the line on the other side. ``money`` has
    ``move_id``, ``source_ref``, ``day`` and ``money``, rounded, in the document's
    currency.

    :param MoneyAccounts accounts: of the company of the documents
    """
    return SQL(", ").join(
        [
            _paying_cte(),
            _entry_cte(accounts),
            _granted_cte(),
            _discounted_ctes(),
            _money_cte(),
        ]
    )


def _paying_cte():
    """Return the CTE ``paying``: reconciliations with entries that are real.

    Documents such as credit notes bring no money, whatever accounts their lines use.
    """
    return SQL(
        """paying AS MATERIALIZED (
            SELECT matched.*, other.move_id AS entry_id, payment.outstanding_account_id
              FROM matched
              JOIN account_move_line other ON other.id = matched.other_id
              LEFT JOIN account_payment payment ON payment.id = other.payment_id
             WHERE %s AND other.display_type IS DISTINCT FROM 'payment_term'
        )""",
        IS_REAL,
    )


def _entry_cte(accounts):
    """Return the CTE ``entry``: what of an entry reaches money, and what doesn't.

    In the entry's own currency if it has a single one, else in that of the company. The
    account of a payment still counts as money if the journal's settings change later.
    ``debit`` and ``credit`` total the lines that aren't money, ``lost`` and ``gained``
    the exchange differences among them, ``discount`` early payment discounts with
    taxes.
    """
    return SQL(
        """entry AS MATERIALIZED (
            SELECT summed.*,
                   CASE WHEN currency_id IS NULL THEN money_company
                        ELSE money_currency END AS money,
                   CASE WHEN currency_id IS NULL THEN debit_company - lost
                        ELSE debit_currency END AS debit,
                   CASE WHEN currency_id IS NULL THEN credit_company - gained
                        ELSE credit_currency END AS credit,
                   CASE WHEN currency_id IS NULL THEN discount_company
                        ELSE discount_currency END AS discount
              FROM (
                SELECT own.move_id, MIN(own.date) AS date,
                       MIN(own.company_currency_id) AS company_currency_id,
                       CASE WHEN MIN(own.currency_id) = MAX(own.currency_id)
                            THEN MIN(own.currency_id) END AS currency_id,
                       %(in_currency)s, %(in_company)s,
                       COALESCE(SUM(own.balance) FILTER (
                           WHERE NOT is_money AND own.balance > 0 AND is_exchange), 0)
                           AS lost,
                       COALESCE(-SUM(own.balance) FILTER (
                           WHERE NOT is_money AND own.balance < 0 AND is_exchange), 0)
                           AS gained
                  FROM (SELECT DISTINCT entry_id, outstanding_account_id
                          FROM paying) AS head
                  JOIN account_move_line own ON own.move_id = head.entry_id
                 CROSS JOIN LATERAL (SELECT
                       (own.account_id = ANY(%(money)s)
                        OR own.account_id = head.outstanding_account_id) IS TRUE
                           AS is_money,
                       (own.account_id = ANY(%(discount)s)
                        OR own.tax_repartition_line_id IS NOT NULL) IS TRUE
                           AS is_discount,
                       (own.account_id = ANY(%(exchange)s)) IS TRUE AS is_exchange
                 ) AS kind
                 WHERE own.account_id IS NOT NULL
                 GROUP BY own.move_id
              ) AS summed
        )""",
        in_currency=_entry_sums("currency", "amount_currency"),
        in_company=_entry_sums("company", "balance"),
        money=accounts.money,
        discount=accounts.discount,
        exchange=accounts.exchange,
    )


def _entry_sums(suffix, column):
    return SQL(
        """COALESCE(SUM(%(value)s) FILTER (WHERE is_money), 0) AS %(money)s,
           COALESCE(SUM(%(value)s) FILTER (WHERE NOT is_money AND %(value)s > 0), 0)
               AS %(debit)s,
           COALESCE(-SUM(%(value)s) FILTER (WHERE NOT is_money AND %(value)s < 0), 0)
               AS %(credit)s,
           COALESCE(SUM(%(value)s) FILTER (WHERE NOT is_money AND is_discount), 0)
               AS %(discount)s""",
        value=SQL.identifier("own", column),
        **{
            name: SQL.identifier(f"{name}_{suffix}")
            for name in ("money", "debit", "credit", "discount")
        },
    )


def _granted_cte():
    """Return the CTE ``discount_granted``: timely early payment discounts by the terms
    of all documents that an entry settles, whether or not this query reads them.

    ``settled`` and ``granted`` are in the entry's currency.
    """
    return SQL("""
        discount_granted AS MATERIALIZED (
            SELECT entry_id, source_ref, settled,
                   LEAST(settled, discount * settled
                         / SUM(amount) OVER (PARTITION BY entry_id, term_id)) AS granted
              FROM (
                SELECT entry.move_id AS entry_id, partial.id AS source_ref,
                       term.id AS term_id, partial.debit_amount_currency AS amount,
                       term.amount_currency - term.discount_amount_currency AS discount,
                       CASE WHEN entry.currency_id IS NULL THEN partial.amount
                            ELSE partial.credit_amount_currency END AS settled
                  FROM entry
                  JOIN account_move_line own ON own.move_id = entry.move_id
                  JOIN account_partial_reconcile partial ON partial.credit_move_id = own.id
                  JOIN account_move_line term ON term.id = partial.debit_move_id
                 WHERE entry.money > 0 AND entry.debit > 0
                   AND term.display_type = 'payment_term'
                   AND term.discount_date >= entry.date
                   AND partial.debit_amount_currency > 0
              ) AS found
             WHERE settled > 0 AND discount > 0
        )""")


def _discounted_ctes():
    """Return the CTEs up to ``discounted``: the early payment discount by
    reconciliation.

    An entry's discount goes to the terms that granted one. It is the whole shortfall if
    that equals what they granted, else what was booked as discount, split in
    proportion.
    """
    return SQL("""
        discount_given AS MATERIALIZED (
            SELECT entry_id, asked,
                   CASE WHEN ROUND(entry.debit - asked, 4) = 0 THEN asked
                        ELSE GREATEST(LEAST(entry.discount, asked), 0) END AS taken
              FROM (SELECT entry_id, SUM(granted) AS asked
                      FROM discount_granted GROUP BY entry_id) AS granted
              JOIN entry ON entry.move_id = granted.entry_id
        ), discounted AS MATERIALIZED (
            SELECT granted.entry_id, granted.source_ref, settled, given.taken,
                   granted.granted * given.taken / given.asked AS discount
              FROM discount_granted granted
              JOIN discount_given given ON given.entry_id = granted.entry_id
        )""")


def _money_cte():
    """Return the CTE ``money``: the part of each reconciliation that reached money.

    The money of an entry is spread in proportion over everything it settles, after the
    discounts that belong to some of it. An exchange difference within an entry is no
    money and doesn't reduce it; within a single currency there is none.
    """
    return SQL("""
        money AS MATERIALIZED (
            SELECT move_id, source_ref, day,
                   ROUND(amount * (settled - discount) * reached
                         / (settled * GREATEST(whole, reached)), digits) AS money
              FROM (
                SELECT paying.move_id, paying.source_ref, paying.day,
                       paying.amount, paying.digits,
                       COALESCE(discounted.settled, 1) AS settled,
                       COALESCE(discounted.discount, 0) AS discount,
                       CASE WHEN is_refund THEN -entry.money ELSE entry.money END
                           AS reached,
                       CASE WHEN is_refund THEN entry.credit - entry.money
                            ELSE entry.debit + entry.money
                                 - COALESCE(given.taken, 0) END
                       - CASE WHEN entry.currency_id = entry.company_currency_id
                               AND entry.currency_id != paying.currency_id
                              THEN CASE WHEN is_refund THEN entry.gained
                                        ELSE entry.lost END
                              ELSE 0 END AS whole
                  FROM paying
                  JOIN entry ON entry.move_id = paying.entry_id
                  LEFT JOIN discount_given given
                    ON given.entry_id = entry.move_id AND NOT paying.is_refund
                  LEFT JOIN discounted ON discounted.source_ref = paying.source_ref
                   AND NOT paying.is_refund
              ) AS spread
             WHERE reached > 0
        )""")
