"""The statements behind the comparison of the ledger with accounting.

FULL joins are for the planner, as in append_sql.
"""

from odoo.tools import SQL

from ..facts.payments import IS_MONEY, RECEIVABLE
from ..facts.sales import CUSTOMER_TYPES, SALE_TYPES
from .candidates_sql import only_wanted

COLUMNS = SQL("""
    check_id, create_date, date, key_account_id, name, counterpart, settled, due,
    credited, is_different, reason
""")

#: What isn't money is told once, on the basis that asks for money.
LISTED = {"paid": SQL("TRUE"), "invoiced": SQL("compared.source_ref IS NOT NULL")}


def compare_sql(check, build, basis, only_different=False):
    """Every settlement (paid) or invoice (invoiced) of the days, with what it credits,
    and the credits of the days that accounting doesn't stand behind any more.

    :param bool only_different: leave out what the ledger and accounting agree on
    """
    return SQL(
        "%s, source AS (%s) %s",
        _compared_ctes(check, build, basis),
        _settlements(check) if basis == "paid" else _invoices(check),
        _list_sql(check, SQL("differs") if only_different else LISTED[basis]),
    )


def _compared_ctes(check, build, basis):
    """``compared``: what is due for a source and what is written of it.

    Equal sums are not enough: each person has to have what is due to them, and in open
    months on the day on which it is due.
    """
    return SQL(
        """daily AS (
            SELECT line.source_ref, line.user_id, line.date, SUM(line.amount) AS amount,
                   MAX(line.key_account_id) AS account_id, MAX(line.source_name) AS name
              FROM nka_bonus_line line
              %(only_wanted)s
             WHERE line.company_id = %(company)s AND line.basis = %(basis)s
             GROUP BY line.source_ref, line.user_id, line.date
        ), written AS (
            SELECT source_ref, user_id, SUM(amount) AS amount,
                   MAX(date) FILTER (WHERE date BETWEEN %(first)s AND %(last)s) AS date,
                   MAX(account_id) AS account_id, MAX(name) AS name,
                   MIN(date) FILTER (WHERE date >= %(open)s AND amount != 0) AS open_from,
                   MAX(date) FILTER (WHERE date >= %(open)s AND amount != 0) AS open_to
              FROM daily GROUP BY source_ref, user_id
        ), compared AS (
            SELECT source_ref, SUM(due.amount) AS due, SUM(written.amount) AS credited,
                   MAX(written.date) AS date, MAX(written.account_id) AS account_id,
                   MAX(written.name) AS name,
                   BOOL_OR(COALESCE(due.amount, 0) != COALESCE(written.amount, 0)
                           OR open_from != GREATEST(due.event_date, %(open)s)
                           OR open_to != GREATEST(due.event_date, %(open)s)) IS TRUE
                       AS differs
              FROM due FULL JOIN written USING (source_ref, user_id)
             GROUP BY source_ref
        )""",
        only_wanted=only_wanted(build, "line.move_ref"),
        company=build.company.id,
        basis=basis,
        first=check.date_from,
        last=check.date_to,
        open=build.first_open,
    )


def _list_sql(check, is_listed):
    return SQL(
        """INSERT INTO nka_bonus_check_line (%(columns)s)
        SELECT %(check)s, now() AT TIME ZONE 'UTC',
               COALESCE(source.date, compared.date),
               COALESCE(source.account_id, compared.account_id),
               COALESCE(source.name, compared.name),
               source.counterpart, COALESCE(source.settled, 0),
               COALESCE(due, 0), COALESCE(credited, 0), COALESCE(differs, FALSE),
               CASE WHEN source.source_ref IS NULL AND due IS NULL THEN 'gone'
                    WHEN differs THEN 'missing'
                    WHEN due IS NOT NULL THEN 'credited'
                    ELSE COALESCE(source.reason, %(why)s) END
          FROM source FULL JOIN compared USING (source_ref)
         WHERE CASE WHEN source.source_ref IS NULL
                    THEN compared.date IS NOT NULL AND differs
                    ELSE %(is_listed)s END""",
        columns=COLUMNS,
        check=check.id,
        why=_why_nothing(),
        is_listed=is_listed,
    )


def _settlements(check):
    return SQL(
        """SELECT partial.id AS source_ref, partial.max_date AS date,
                  invoice.account_id, invoice.name, other_move.name AS counterpart,
                  partial.amount AS settled, invoice.order_date, invoice.basis_date,
                  CASE WHEN %(is_money)s THEN NULL
                       WHEN other_move.move_type IN %(types)s
                       THEN 'credit_note'
                       WHEN other_move.journal_id = company.currency_exchange_journal_id
                       THEN 'exchange'
                       ELSE 'write_off' END AS reason
             FROM invoice
             JOIN account_move_line line ON line.move_id = invoice.id
              AND line.display_type = 'payment_term'
             JOIN account_partial_reconcile partial
               ON (partial.debit_move_id = line.id AND invoice.move_type != 'out_refund')
               OR (partial.credit_move_id = line.id AND invoice.move_type = 'out_refund')
             JOIN account_move_line other
               ON other.id = CASE WHEN invoice.move_type = 'out_refund'
                                  THEN partial.debit_move_id
                                  ELSE partial.credit_move_id END
             JOIN account_move other_move ON other_move.id = other.move_id
             JOIN res_company company ON company.id = line.company_id
            WHERE invoice.is_posted AND partial.max_date BETWEEN %(first)s AND %(last)s
              AND NOT (invoice.move_type = 'out_refund'
                       AND other_move.move_type IN %(sales)s)""",
        is_money=IS_MONEY,
        types=CUSTOMER_TYPES,
        sales=SALE_TYPES,
        first=check.date_from,
        last=check.date_to,
    )


def _invoices(check):
    return SQL(
        """SELECT invoice.id AS source_ref, invoice.own_date AS date, invoice.account_id,
                  invoice.name, NULL AS counterpart, invoice.untaxed AS settled,
                  invoice.order_date, invoice.basis_date, NULL AS reason
             FROM invoice
            WHERE invoice.is_posted AND invoice.own_date BETWEEN %s AND %s""",
        check.date_from,
        check.date_to,
    )


def _why_nothing():
    """Why money or an invoice is credited to nobody; the first that applies."""
    return SQL(
        """CASE
            WHEN NOT EXISTS (
                SELECT FROM part WHERE part.account_id = source.account_id
                   AND source.order_date BETWEEN part.order_from AND part.order_to)
            THEN 'no_owner'
            WHEN NOT EXISTS (
                SELECT FROM part JOIN span ON span.user_id = part.user_id
                 WHERE part.account_id = source.account_id
                   AND source.order_date BETWEEN part.order_from AND part.order_to
                   AND source.date BETWEEN span.date_from AND span.date_to)
            THEN 'no_agreement'
            WHEN NOT EXISTS (
                SELECT FROM part JOIN basis ON basis.user_id = part.user_id
                 WHERE part.account_id = source.account_id
                   AND source.order_date BETWEEN part.order_from AND part.order_to
                   AND source.basis_date BETWEEN basis.date_from AND basis.date_to)
            THEN 'other_basis'
            ELSE 'nothing' END"""
    )


def unmatched_sql(check):
    """Money of key accounts that isn't matched with any invoice, wholly or in part."""
    return SQL(
        """INSERT INTO nka_bonus_check_line (%(columns)s)
           SELECT %(check)s, now() AT TIME ZONE 'UTC', payment.date, account.id, NULL,
                  payment.name,
                  COALESCE(rest.amount, payment.amount_company_currency_signed),
                  0, 0, FALSE,
                  CASE WHEN payment.move_id IS NULL THEN 'no_entry'
                       ELSE 'unmatched' END
             FROM account_payment payment
             JOIN res_partner partner ON partner.id = payment.partner_id
             JOIN nka_key_account account
               ON account.partner_id = partner.commercial_partner_id
              AND account.company_id = payment.company_id
             LEFT JOIN LATERAL (
                 SELECT -SUM(line.amount_residual) AS amount
                   FROM account_move_line line
                   JOIN %(receivable)s
                  WHERE line.move_id = payment.move_id
             ) rest ON payment.move_id IS NOT NULL
            WHERE payment.company_id = %(company)s
              AND payment.partner_type = 'customer'
              AND payment.state IN ('in_process', 'paid')
              AND payment.date BETWEEN %(first)s AND %(last)s
              AND (payment.move_id IS NULL OR rest.amount != 0)""",
        columns=COLUMNS,
        check=check.id,
        receivable=RECEIVABLE,
        company=check.company_id.id,
        first=check.date_from,
        last=check.date_to,
    )
