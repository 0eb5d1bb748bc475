"""Independent recalculation of credits from accounting, in plain SQL, step by step.

It shares no code with the ledger's builder, so that no error is in both. Each step is a
temporary table that can be read on its own. The steps follow docs/pay.md, 5: the
documents, what settled them, how much of it is money, and what counts so far.
check_orders_sql finds the orders, check_people_sql the persons, and check_rows_sql
lists the result.
"""

from dataclasses import dataclass

from odoo.tools import SQL

from ..history import history_sql
from . import check_orders_sql
from .check_past_sql import past_documents

SALES = SQL("('out_invoice', 'out_receipt')")
DOCUMENTS = SQL("('out_invoice', 'out_receipt', 'out_refund')")


@dataclass(frozen=True, slots=True)
class Asked:
    """Parameters of a comparison.

    :param companies: ids of the company and its branches
    :param chain: these and the companies above, whose money doesn't count for the
        account
    :param family: all companies with the same root; any of them can receive the money
    :param first_open: first day that no closed month covers
    :param is_main: whether to list what no one is paid for on this basis
    :param account_ids: ids of some key accounts; None for all
    :param keeps_orders: whether confirmation dates are stored separately from orders
    :param has_leavers: whether plans define who is credited after an agreement ended
    """

    company: object
    basis: str
    date_from: object
    date_to: object
    first_open: object
    companies: list
    chain: list
    family: list
    digits: int
    is_main: bool = True
    account_ids: list | None = None
    keeps_orders: bool = False
    has_leavers: bool = False


def table(name, query):
    """Return a step, see :func:`history_sql.table`."""
    return history_sql.table(name, query, "nka_check")


def accounting_steps(asked):
    """Return the steps up to ``piece``: what counts, for which account and order date.

    :param asked: Asked
    :rtype: list[SQL]
    """
    steps = [
        table("account", _accounts(asked)),
        table("concerned", _concerned(asked)),
        table("written", _written(asked)),
        table("document", _documents(asked)),
    ]
    if asked.basis == "paid":
        steps += [
            table("match", _matches()),
            table("entry", _entries(asked)),
            table("item", _items()),
            table("event", _paid_events(asked)),
        ]
    else:
        steps.append(table("event", _invoiced_events()))
    steps += [table(*step) for step in check_orders_sql.order_steps(asked)]
    return [*steps, table("piece", _pieces(asked))]


# ---------------------------------------------------------------- documents
def _accounts(asked):
    """Return the company's key accounts, or some of them.

    No one is paid for clients that were never a key account.
    """
    return SQL(
        """SELECT id, partner_id FROM nka_key_account account
            WHERE company_id = %s AND (%s::int[] IS NULL OR id = ANY(%s::int[]))
              AND (state NOT IN ('candidate', 'declined') OR EXISTS (
                       SELECT FROM nka_assignment WHERE key_account_id = account.id))""",
        asked.company.id,
        asked.account_ids,
        asked.account_ids,
    )


def _concerned(asked):
    """Return the ids of entries of the period, and of those that the ledger's
    lines of the period refer to, which can be deleted by now.
    """
    return SQL(
        """SELECT id FROM (%s) AS settled
            UNION
           SELECT move_ref FROM nka_bonus_line
            WHERE company_id = %s AND basis = %s AND date BETWEEN %s AND %s""",
        _settled(asked) if asked.basis == "paid" else _dated(asked),
        asked.company.id,
        asked.basis,
        asked.date_from,
        asked.date_to,
    )


def _settled(asked):
    """Return both sides of every reconciliation of the period."""
    side = """SELECT line.move_id AS id
                FROM account_partial_reconcile partial
                JOIN account_move_line line ON line.id = partial.%s
               WHERE partial.max_date BETWEEN %s AND %s"""
    days = asked.date_from, asked.date_to
    return SQL(
        "%s UNION ALL %s",
        SQL(side, SQL.identifier("debit_move_id"), *days),
        SQL(side, SQL.identifier("credit_move_id"), *days),
    )


def _dated(asked):
    return SQL(
        """SELECT id FROM account_move
            WHERE company_id = ANY(%s) AND move_type IN %s
              AND invoice_date BETWEEN %s AND %s""",
        asked.chain,
        DOCUMENTS,
        asked.date_from,
        asked.date_to,
    )


def _written(asked):
    """Return the ledger's totals by source and person of these documents."""
    return SQL(
        """SELECT source_ref, user_id, SUM(amount) AS amount,
                  MIN(move_ref) AS move_ref, MIN(account_id) AS account_id,
                  MIN(name) AS name,
                  MAX(date) FILTER (WHERE date BETWEEN %(first)s AND %(last)s) AS date,
                  MIN(date) FILTER (WHERE date >= %(open)s AND amount != 0) AS open_from,
                  MAX(date) FILTER (WHERE date >= %(open)s AND amount != 0) AS open_to
             FROM (SELECT line.source_ref, line.user_id, line.date,
                          SUM(line.amount) AS amount, MIN(line.move_ref) AS move_ref,
                          MIN(line.key_account_id) AS account_id,
                          MIN(line.source_name) AS name
                     FROM nka_bonus_line line
                     JOIN nka_check_concerned concerned ON concerned.id = line.move_ref
                    WHERE line.company_id = %(company)s AND line.basis = %(basis)s
                      AND (%(all)s OR line.key_account_id IN (
                              SELECT id FROM nka_check_account))
                    GROUP BY line.source_ref, line.user_id, line.date) AS daily
            GROUP BY source_ref, user_id""",
        company=asked.company.id,
        basis=asked.basis,
        first=asked.date_from,
        last=asked.date_to,
        open=asked.first_open,
        all=asked.account_ids is None,
    )


def _documents(asked):
    """Return the posted customer documents of key accounts' clients.

    A credit note belongs to the client and the day of the document it reverses. The
    amount it deducts depends on all other credit notes of the same invoice. What a
    contact bought before it became part of the client is listed, but credited to no
    one.
    """
    return SQL(
        """WITH past AS (%(past)s), kin AS (
               SELECT id FROM nka_check_concerned
                UNION
               SELECT move.reversed_entry_id FROM nka_check_concerned concerned
                 JOIN account_move move ON move.id = concerned.id
                WHERE move.reversed_entry_id IS NOT NULL
           ), family AS (
               SELECT id FROM kin
                UNION
               SELECT note.id FROM kin
                 JOIN account_move note ON note.reversed_entry_id = kin.id
           )
           SELECT move.id, move.name, move.move_type = 'out_refund' AS is_refund,
                  account.id AS account_id, account.partner_id AS client_id,
                  move.company_id = ANY(%(companies)s) AS is_covered,
                  move.amount_untaxed_signed AS untaxed, move.amount_untaxed AS net,
                  move.amount_total AS total, move.currency_id,
                  currency.decimal_places AS digits,
                  COALESCE(move.invoice_date, move.date) AS own_day,
                  COALESCE(source.invoice_date, source.date,
                           move.invoice_date, move.date) AS basis_day,
                  source.id AS source_id,
                  EXISTS (SELECT FROM past
                           WHERE past.account_id = account.id
                             AND past.move_id = COALESCE(source.id, move.id)) AS is_past
             FROM family
             JOIN account_move move ON move.id = family.id
             JOIN res_currency currency ON currency.id = move.currency_id
             LEFT JOIN account_move source
               ON source.id = move.reversed_entry_id
              AND move.move_type = 'out_refund' AND source.move_type IN %(sales)s
             JOIN nka_check_account account
               ON account.partner_id = COALESCE(source.commercial_partner_id,
                                                move.commercial_partner_id)
            WHERE move.company_id = ANY(%(chain)s) AND move.move_type IN %(documents)s
              AND move.state = 'posted'""",
        companies=asked.companies,
        chain=asked.chain,
        sales=SALES,
        documents=DOCUMENTS,
        past=past_documents(),
    )


# ---------------------------------------------------------------- money
def _matches():
    """Return what ever settled these documents: other documents and entries."""
    side = """SELECT partial.id AS source_ref, document.id AS document_id,
                     partial.max_date AS day, partial.amount,
                     partial.%s AS document_amount, other.move_id AS entry_id,
                     document.is_refund, document.currency_id, other.payment_id
                FROM nka_check_document document
                JOIN account_move_line term
                  ON term.move_id = document.id AND term.display_type = 'payment_term'
                JOIN account_partial_reconcile partial ON partial.%s = term.id
                JOIN account_move_line other ON other.id = partial.%s
               WHERE %s"""
    of_sale = ("debit_amount_currency", "debit_move_id", "credit_move_id")
    of_note = ("credit_amount_currency", "credit_move_id", "debit_move_id")
    return SQL(
        """SELECT found.*,
                  entry.state = 'posted'
                      AND (payment.id IS NULL OR payment.state IN ('in_process', 'paid'))
                      AS is_posted, entry.move_type, entry.name AS entry_name,
                  entry.journal_id = company.currency_exchange_journal_id AS is_exchange
             FROM (%s UNION ALL %s) AS found
             JOIN account_move entry ON entry.id = found.entry_id
             JOIN res_company company ON company.id = entry.company_id
             LEFT JOIN account_payment payment ON payment.id = found.payment_id""",
        SQL(side, *map(SQL.identifier, of_sale), SQL("NOT document.is_refund")),
        SQL(side, *map(SQL.identifier, of_note), SQL("document.is_refund")),
    )


def money_accounts(asked):
    """Return the accounts that count as money.

    These are bank, cash and credit card accounts, outstanding accounts, and the
    accounts configured for the company; never receivable accounts.
    """
    references = [
        f"{company}_account_journal_payment_{side}_account_id"
        for company in asked.family
        for side in ("debit", "credit")
    ]
    return SQL(
        """SELECT id FROM account_account WHERE account_type != 'asset_receivable' AND id IN (
           SELECT id FROM account_account
            WHERE account_type IN ('asset_cash', 'liability_credit_card')
            UNION
           SELECT default_account_id FROM account_journal
            WHERE type IN ('bank', 'cash', 'credit') AND company_id = ANY(%(family)s)
            UNION
           SELECT method.payment_account_id
             FROM account_payment_method_line method
             JOIN account_journal journal ON journal.id = method.journal_id
            WHERE journal.company_id = ANY(%(family)s)
              AND journal.type IN ('bank', 'cash', 'credit')
            UNION
           SELECT res_id FROM ir_model_data
            WHERE module = 'account' AND model = 'account.account'
              AND name = ANY(%(references)s)
            %(named)s)""",
        family=asked.family,
        references=references,
        named=_named_accounts(asked),
    )


def _named_accounts(asked):
    field = asked.company._fields.get("nka_money_account_ids")
    if not field:
        return SQL("")
    return SQL(
        "UNION SELECT %s FROM %s WHERE %s = %s",
        SQL.identifier(field.column2),
        SQL.identifier(field.relation),
        SQL.identifier(field.column1),
        asked.company.id,
    )


def _entries(asked):
    """Return what each settling entry brought: money, and the rest on that side.

    The rest includes early payment discounts with their taxes, and exchange
    differences. Amounts are in the entry's own currency if it has only one, because
    conversion rounds.
    """
    return SQL(
        """WITH money AS (%(money)s), discount AS (%(discount)s),
           exchange AS (%(exchange)s), head AS (
               SELECT DISTINCT match.entry_id,
                      CASE WHEN match.is_refund THEN -1 ELSE 1 END AS direction
                 FROM nka_check_match match
                WHERE match.is_posted AND match.move_type NOT IN %(documents)s
           ), currency AS (
               SELECT head.entry_id, COUNT(DISTINCT line.currency_id) = 1 AS is_one
                 FROM head JOIN account_move_line line ON line.move_id = head.entry_id
                GROUP BY head.entry_id
           ), line AS (%(lines)s)
           SELECT entry_id, direction, is_one AS in_currency,
                  CASE WHEN is_one THEN MIN(currency_id) END AS currency_id,
                  MIN(company_currency_id) AS company_currency_id,
                  COALESCE(SUM(amount) FILTER (WHERE is_money), 0) AS money,
                  COALESCE(SUM(amount) FILTER (WHERE NOT is_money AND amount > 0
                                                 AND (is_one OR NOT is_exchange)), 0)
                      AS lost,
                  COALESCE(SUM(amount) FILTER (WHERE NOT is_money AND is_discount), 0)
                      AS discount,
                  COALESCE(SUM(balance) FILTER (WHERE NOT is_money AND is_exchange
                                                  AND balance > 0), 0) AS exchange
             FROM line GROUP BY entry_id, direction, is_one""",
        money=money_accounts(asked),
        discount=_named_by_companies(
            asked,
            "account_journal_early_pay_discount_loss_account_id",
            "account_journal_early_pay_discount_gain_account_id",
        ),
        exchange=_named_by_companies(
            asked,
            "income_currency_exchange_account_id",
            "expense_currency_exchange_account_id",
        ),
        documents=DOCUMENTS,
        lines=_ENTRY_LINES,
    )


def _named_by_companies(asked, *columns):
    """Return the accounts configured in some company fields."""
    return SQL(
        """SELECT account_id AS id
             FROM res_company company, unnest(ARRAY[%s]) AS named(account_id)
            WHERE company.id = ANY(%s) AND account_id IS NOT NULL""",
        SQL(", ").join(map(SQL.identifier, columns)),
        asked.family,
    )


#: Lines of the entries ``head``, with the type of each.
_ENTRY_LINES = SQL(
    """SELECT head.entry_id, head.direction, line.currency_id,
              line.company_currency_id, currency.is_one,
              head.direction * CASE WHEN currency.is_one
                  THEN line.amount_currency ELSE line.balance END AS amount,
              line.balance * head.direction AS balance,
              line.account_id IN (SELECT id FROM money)
                  OR COALESCE(line.account_id = payment.outstanding_account_id, FALSE)
                  AS is_money,
              line.tax_repartition_line_id IS NOT NULL
                  OR line.account_id IN (SELECT id FROM discount) AS is_discount,
              line.account_id IN (SELECT id FROM exchange) AS is_exchange
         FROM head
         JOIN currency ON currency.entry_id = head.entry_id
         JOIN account_move_line line ON line.move_id = head.entry_id
         LEFT JOIN account_payment payment ON payment.id = line.payment_id
        WHERE line.account_id IS NOT NULL"""
)


def _items():
    """Return which part of each reconciliation is money.

    The shortfall of an entry is spread over everything it settles, except an early
    payment discount: that belongs to the documents, of any client, whose terms grant it
    and that were paid in time. The whole shortfall is discount if it equals what they
    grant to the hundredth of a cent, else the amount booked as discount is. An exchange
    difference within the entry isn't a shortfall.
    """
    return SQL(
        """WITH granted AS (%s), asked AS (
               SELECT source_ref, entry_id, settled,
                      LEAST(settled, granted * settled / parts) AS discount
                 FROM granted WHERE settled > 0
           ), summed AS (
               SELECT entry.*,
                      COALESCE((SELECT SUM(discount) FROM asked
                                 WHERE asked.entry_id = entry.entry_id), 0) AS granted
                 FROM nka_check_entry entry
           ), booked AS (
               SELECT summed.*,
                      CASE WHEN ROUND(lost - granted, 4) = 0 THEN granted
                           ELSE GREATEST(LEAST(discount, granted), 0) END AS booked
                 FROM summed
           )
           SELECT match.source_ref,
                  1 - COALESCE(asked.discount * booked
                               / NULLIF(asked.settled * booked.granted, 0), 0) AS kept,
                  booked.money AS reached,
                  GREATEST(booked.money, money + lost - booked
                      - CASE WHEN booked.currency_id = company_currency_id
                              AND booked.currency_id != match.currency_id
                             THEN exchange ELSE 0 END) AS whole
             FROM nka_check_match match
             JOIN booked
               ON booked.entry_id = match.entry_id
              AND booked.direction = CASE WHEN match.is_refund THEN -1 ELSE 1 END
             LEFT JOIN asked
               ON asked.source_ref = match.source_ref AND booked.direction = 1
            WHERE match.is_posted AND booked.money > 0""",
        _GRANTED,
    )


#: Reconciliations with payment terms that grant an early payment discount, paid in
#: time.
_GRANTED = SQL(
    """SELECT entry.entry_id, partial.id AS source_ref,
              CASE WHEN entry.in_currency THEN partial.credit_amount_currency
                   ELSE partial.amount END AS settled,
              term.amount_currency - term.discount_amount_currency AS granted,
              partial.debit_amount_currency AS part,
              SUM(partial.debit_amount_currency) OVER (
                  PARTITION BY entry.entry_id, term.id) AS parts
         FROM nka_check_entry entry
         JOIN account_move move ON move.id = entry.entry_id
         JOIN account_move_line own ON own.move_id = entry.entry_id
         JOIN account_partial_reconcile partial ON partial.credit_move_id = own.id
         JOIN account_move_line term
           ON term.id = partial.debit_move_id AND term.display_type = 'payment_term'
        WHERE entry.direction = 1 AND entry.money > 0 AND entry.lost > 0
          AND move.date <= term.discount_date
          AND term.amount_currency > term.discount_amount_currency
          AND partial.debit_amount_currency > 0"""
)


def _paid_events(asked):
    """Return the money of each reconciliation as an event.

    Its document counts by the money so far as part of the total (``now_part`` of
    ``whole_part``), less the money before it (``before_part``).
    """
    return SQL(
        """WITH money AS (
               SELECT match.*, document.digits,
                      ROUND(match.document_amount * item.kept * item.reached
                            / item.whole, document.digits) AS money,
                      ROUND(match.amount * item.kept * item.reached / item.whole,
                            %(digits)s) AS company_money
                 FROM nka_check_match match
                 JOIN nka_check_document document ON document.id = match.document_id
                 JOIN nka_check_item item ON item.source_ref = match.source_ref
           ), so_far AS (
               SELECT money.*,
                      SUM(money) OVER (PARTITION BY document_id
                                       ORDER BY day, source_ref) AS money_so_far
                 FROM money
           )
           SELECT so_far.source_ref, document.id AS document_id, document.account_id,
                  document.id AS chain_id, document.basis_day, document.name,
                  document.is_covered, document.is_past, so_far.day,
                  so_far.day AS owner_day,
                  so_far.day AS position_day, so_far.entry_name AS counterpart,
                  so_far.entry_id,
                  so_far.company_money * CASE WHEN document.is_refund THEN -1 ELSE 1 END
                      AS settled,
                  document.untaxed AS amount, FALSE AS takes_back,
                  LEAST(so_far.money_so_far, document.total) AS now_part,
                  LEAST(so_far.money_so_far - so_far.money, document.total)
                      AS before_part,
                  document.total AS whole_part
             FROM so_far
             JOIN nka_check_document document ON document.id = so_far.document_id""",
        digits=asked.digits,
    )


# ---------------------------------------------------------------- invoices
def _invoiced_events():
    """Return invoices and linked credit notes as events.

    An invoice counts in full. A credit note deducts, from what its invoice counted
    with, its own part of that invoice, given the notes before it.
    """
    return SQL(
        """WITH note AS (
               SELECT document.*, source.id IS NOT NULL AS is_there,
                      document.source_id IS NOT NULL AND origin.amount_untaxed > 0
                          AND origin.currency_id = document.currency_id AS is_linked,
                      source.untaxed AS given, source.net AS given_net,
                      SUM(document.net) OVER (
                          PARTITION BY document.source_id, document.currency_id
                          ORDER BY document.own_day, document.id) AS notes
                 FROM nka_check_document document
                 LEFT JOIN nka_check_document source ON source.id = document.source_id
                 LEFT JOIN account_move origin ON origin.id = document.source_id
           )
           SELECT id AS source_ref, id AS document_id, account_id, id AS chain_id,
                  basis_day, name, is_covered, is_past, own_day AS day,
                  basis_day AS owner_day, own_day AS position_day, NULL::varchar AS counterpart,
                  NULL::int AS entry_id, untaxed AS settled, untaxed AS amount,
                  FALSE AS takes_back, 1::numeric AS now_part, 0::numeric AS before_part,
                  1::numeric AS whole_part
             FROM note WHERE is_linked IS NOT TRUE
            UNION ALL
           SELECT id, id, account_id, source_id, basis_day, name, is_covered, is_past,
                  own_day, basis_day, GREATEST(own_day, basis_day), NULL, NULL, untaxed, given,
                  TRUE, LEAST(notes, given_net), LEAST(notes - net, given_net), given_net
             FROM note WHERE is_linked AND is_there"""
    )


# ---------------------------------------------------------------- pieces
def _pieces(asked):
    """Return each event once for each order date of its document, with what
    counts with the event and before it. The last part is the remainder.
    """
    return SQL(
        """WITH cut AS (
               SELECT event.*, slice.order_day, slice.order_id, slice.number,
                      slice.slices, %(all_now)s AS all_now, %(all_before)s AS all_before,
                      %(own_now)s AS own_now, %(own_before)s AS own_before
                 FROM nka_check_event event
                 JOIN nka_check_slice slice ON slice.document_id = event.chain_id
           )
           SELECT source_ref, document_id, account_id, chain_id, basis_day, is_covered,
                  is_past, day, owner_day, position_day, order_day, order_id, number,
                  CASE WHEN number < slices THEN own_now
                       ELSE all_now - COALESCE(SUM(own_now) OVER others, 0) END AS to_date,
                  CASE WHEN number < slices THEN own_before
                       ELSE all_before - COALESCE(SUM(own_before) OVER others, 0)
                       END AS before
             FROM cut
           WINDOW others AS (PARTITION BY source_ref ORDER BY number
                             ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)""",
        all_now=counted(SQL("event.amount"), SQL("now_part"), asked.digits),
        all_before=counted(SQL("event.amount"), SQL("before_part"), asked.digits),
        own_now=counted(SQL("slice.amount"), SQL("now_part"), asked.digits),
        own_before=counted(SQL("slice.amount"), SQL("before_part"), asked.digits),
    )


def counted(amount, part, digits):
    """Return what counts of an amount by a part of the whole, or remains without it.

    If the whole is 0, the result is 0.

    :param SQL amount: untaxed amount in company currency
    :param SQL part: column of the row ``event`` with the part
    :param int digits: decimal places of the company currency
    """
    return SQL(
        """COALESCE(CASE WHEN event.takes_back THEN ROUND(%(amount)s, %(digits)s) ELSE 0 END
           + CASE WHEN event.takes_back THEN -1 ELSE 1 END
           * ROUND(%(amount)s * event.%(part)s / NULLIF(event.whole_part, 0),
                   %(digits)s), 0)""",
        amount=amount,
        part=part,
        digits=digits,
    )
