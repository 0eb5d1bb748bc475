"""List the rows of a comparison: one for each part of the money, and its result.

The untaxed amount of a row is what is due to a person plus what no one gets. If only
errors are requested, no other rows are written.
"""

from odoo.tools import SQL

from .check_sql import DOCUMENTS, counted, money_accounts, table

COLUMNS = SQL("""
    check_id, create_uid, create_date, basis, date, key_account_id, name, counterpart,
    user_id, source_ref, move_ref, entry_ref, order_ref, order_date, settled, untaxed, due, credited,
    rest, whole, is_different, reason
""")
#: Reasons that mean credited, or no money received.
NO_LOSS = (
    "credited",
    "partly",
    "missing",
    "gone",
    "credit_note",
    "exchange",
    "write_off",
    "other_order",
)
#: Parts of clients' money that no one is paid for, although someone could be.
UNOWNED = (
    "no_owner",
    "no_agreement",
    "order_after",
    "left",
    "no_successor",
    "no_invoice",
    "branch",
)


def compare_steps(check, asked, shown):
    """Return the queries that list the recalculated amounts next to the ledger's.

    :param check: nka.bonus.check
    :param asked: check_sql.Asked
    :param SQL shown: condition on ``listed`` for the rows to write
    """
    steps = [table("source", _sources(asked))]
    steps.append(_insert(check, asked, _compared(asked), shown))
    if asked.is_main and asked.basis == "paid":
        steps.append(_insert(check, asked, _no_money(asked), shown))
        steps.append(_insert(check, asked, _without_invoice(asked), shown))
    return steps


def _insert(check, asked, query, shown):
    """Return the INSERT of the rows of ``query``; other columns are empty."""
    return SQL(
        """INSERT INTO nka_bonus_check_line (%(columns)s)
           SELECT %(check)s, %(user)s, now() AT TIME ZONE 'UTC', %(basis)s, listed.*
             FROM (%(query)s) AS listed
            WHERE %(shown)s
            ORDER BY listed.date, listed.source_ref, listed.user_id""",
        columns=COLUMNS,
        check=check.id,
        user=check.env.uid,
        basis=asked.basis,
        query=query,
        shown=shown,
    )


def _sources(asked):
    """Return the events of the period, with their untaxed amount and the total due."""
    return SQL(
        """SELECT event.source_ref, event.day, event.account_id, event.document_id,
                  event.name, event.counterpart, event.entry_id, event.settled,
                  %s - %s AS untaxed, COALESCE(share.due, 0) AS due,
                  event.day BETWEEN %s AND %s AS is_asked
             FROM nka_check_event event
             LEFT JOIN (SELECT source_ref, SUM(amount) FILTER (WHERE reason IS NULL) AS due
                          FROM nka_check_share GROUP BY source_ref) AS share
               ON share.source_ref = event.source_ref""",
        counted(SQL("event.amount"), SQL("now_part"), asked.digits),
        counted(SQL("event.amount"), SQL("before_part"), asked.digits),
        asked.date_from,
        asked.date_to,
    )


def _compared(asked):
    """Return each person's part of an event and the ledger's, then what no one gets.

    Equal totals aren't enough: each person must have what is due to them, and in open
    months on the day on which it is due.
    """
    return SQL(
        """WITH %(parts)s, %(judged)s, %(wanted)s
           SELECT COALESCE(day, line_day) AS date, of_account AS key_account_id,
                  of_name AS name, counterpart, user_id, source_ref,
                  COALESCE(document_id, move_ref) AS move_ref, entry_id AS entry_ref,
                  order_id AS order_ref, order_day AS order_date,
                  COALESCE(CASE WHEN whole = 0 AND why = 'nothing' THEN whole_settled
                       ELSE ROUND(whole_settled * up_to / NULLIF(whole, 0), %(digits)s)
                          - ROUND(whole_settled * (up_to - due - rest)
                                  / NULLIF(whole, 0), %(digits)s) END, 0) AS settled,
                  due + rest AS untaxed, due, credited, rest,
                  COALESCE(whole, 0) AS whole, differs AS is_different,
                  CASE WHEN why IS NOT NULL THEN why
                       WHEN differs AND due = 0 THEN 'gone'
                       WHEN differs THEN 'missing'
                       WHEN whole_due != whole THEN 'partly'
                       ELSE 'credited' END AS reason
             FROM wanted""",
        parts=_PARTS,
        judged=_differing(asked.first_open),
        wanted=_wanted(asked.is_main),
        digits=asked.digits,
    )


#: ``compared``: what is due to each person next to what is written, what no one gets,
#: and events of which nothing counts.
_PARTS = SQL(
    """part AS (
               SELECT share.source_ref, share.user_id, share.order_id, share.order_day,
                      share.amount AS due, NULL::varchar AS why
                 FROM nka_check_share share WHERE share.reason IS NULL
           ), compared AS (
               SELECT source_ref, user_id, part.order_id, part.order_day,
                      COALESCE(part.due, 0) AS due,
                      COALESCE(written.amount, 0) AS credited, 0 AS rest,
                      written.date AS line_day, written.account_id, written.name,
                      written.move_ref, written.open_from, written.open_to, part.why
                 FROM part FULL JOIN nka_check_written written USING (source_ref, user_id)
                UNION ALL
               SELECT share.source_ref, share.user_id, share.order_id,
                      share.order_day, 0, 0, share.amount, NULL, NULL, NULL, NULL, NULL, NULL, share.reason
                 FROM nka_check_share share WHERE share.reason IS NOT NULL
                UNION ALL
               SELECT source.source_ref, NULL, NULL, NULL, 0, 0, 0, NULL, NULL, NULL,
                      NULL, NULL, NULL, 'nothing'
                 FROM nka_check_source source
                WHERE source.is_asked AND source.untaxed = 0
                  AND source.source_ref NOT IN (SELECT source_ref FROM nka_check_share)
           )"""
)


def _differing(first_open):
    """Return the CTE ``judged``: whether the ledger has another amount or, in
    open months, another day.
    """
    return SQL(
        """judged AS (
               SELECT compared.*,
                      why IS NULL AND (
                          compared.due != credited
                          OR open_from != GREATEST(source.day, %(open)s)
                          OR open_to != GREATEST(source.day, %(open)s)) IS TRUE
                          AS differs,
                      source.day, source.is_asked, source.untaxed AS whole,
                      source.due AS whole_due, source.settled AS whole_settled,
                      source.counterpart, source.document_id, source.entry_id,
                      COALESCE(source.account_id, compared.account_id) AS of_account,
                      COALESCE(source.name, compared.name) AS of_name
                 FROM compared LEFT JOIN nka_check_source source USING (source_ref)
           )""",
        open=first_open,
    )


def _wanted(is_main):
    """Return the CTE ``wanted``: differences on ledger lines of the period, and
    all other events of the period.
    """
    return SQL(
        """wanted AS (
               SELECT judged.*,
                      SUM(due + rest) OVER (
                          PARTITION BY source_ref
                          ORDER BY why NULLS FIRST, user_id) AS up_to
                 FROM judged
                WHERE differs AND line_day IS NOT NULL
                   OR is_asked AND (differs OR (why IS NOT NULL OR due != 0)
                                    AND (%s OR whole_due != 0))
           )""",
        is_main,
    )


# ---------------------------------------------------------------- not money
def _no_money(asked):
    """Return what settled a document in the period without being money or being
    posted, and orders of other clients on the documents of the period.
    """
    return SQL(
        """SELECT match.day AS date, document.account_id AS key_account_id,
                  document.name, match.entry_name AS counterpart, NULL::int AS user_id,
                  match.source_ref, document.id AS move_ref, match.entry_id AS entry_ref,
                  NULL::int AS order_ref, NULL::date AS order_date,
                  (match.amount - COALESCE(%(money)s, 0))
                      * CASE WHEN document.is_refund THEN -1 ELSE 1 END AS settled,
                  0 AS untaxed, 0 AS due, 0 AS credited, 0 AS rest, 0 AS whole,
                  FALSE AS is_different,
                  CASE WHEN NOT match.is_posted THEN 'unposted'
                       WHEN match.move_type IN %(documents)s THEN 'credit_note'
                       WHEN match.is_exchange THEN 'exchange'
                       ELSE 'write_off' END AS reason
             FROM nka_check_match match
             JOIN nka_check_document document ON document.id = match.document_id
             LEFT JOIN nka_check_item item ON item.source_ref = match.source_ref
            WHERE match.day BETWEEN %(first)s AND %(last)s
              AND COALESCE(%(money)s, 0) != match.amount
              AND NOT (document.is_refund AND match.move_type IN %(documents)s)
            UNION ALL
           SELECT DISTINCT event.day, event.account_id, event.name, NULL, NULL::int,
                  event.source_ref, event.document_id, NULL::int, sale.id,
                  sale.date_order::date, 0, 0, 0, 0, 0, 0, FALSE, 'other_order'
             FROM nka_check_event event
             JOIN nka_check_document document ON document.id = event.document_id
             JOIN account_move_line line ON line.move_id = document.id
             JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = line.id
             JOIN sale_order_line sold ON sold.id = rel.order_line_id
             JOIN sale_order sale ON sale.id = sold.order_id
             JOIN res_partner buyer ON buyer.id = sale.partner_id
            WHERE event.day BETWEEN %(first)s AND %(last)s
              AND buyer.commercial_partner_id != document.client_id""",
        first=asked.date_from,
        last=asked.date_to,
        money=SQL(
            "ROUND(match.amount * item.kept * item.reached / item.whole, %s)",
            asked.digits,
        ),
        documents=DOCUMENTS,
    )


def _without_invoice(asked):
    """Return money of key accounts' clients that is matched with a receivable
    other than an invoice, or was refunded.
    """
    return SQL(
        """WITH money AS (%s), %s, %s
           SELECT max_date AS date, account_id AS key_account_id,
                  CASE WHEN credit_part > 0 THEN debit_name ELSE credit_name END AS name,
                  CASE WHEN credit_part > 0 THEN credit_name ELSE debit_name END
                      AS counterpart,
                  NULL::int AS user_id, id AS source_ref,
                  CASE WHEN credit_part > 0 THEN debit_id ELSE credit_id END AS move_ref,
                  CASE WHEN credit_part > 0 THEN credit_id ELSE debit_id END AS entry_ref,
                  NULL::int AS order_ref, NULL::date AS order_date, amount AS settled,
                  CASE WHEN is_back THEN 0 ELSE amount END AS untaxed,
                  0 AS due, 0 AS credited,
                  CASE WHEN is_back THEN 0 ELSE amount END AS rest,
                  CASE WHEN is_back THEN 0 ELSE amount END AS whole,
                  FALSE AS is_different,
                  CASE WHEN is_back THEN 'returned' ELSE 'no_invoice' END AS reason
             FROM (SELECT id, max_date, account_id, debit_id, credit_id, debit_name,
                          credit_name, credit_part,
                          debit_part > 0 AND credit_part > 0 AS is_back,
                          CASE WHEN credit_part > 0 THEN LEAST(amount, credit_part)
                               ELSE -LEAST(amount, debit_part) END AS amount
                     FROM entry_pair WHERE debit_part > 0 OR credit_part > 0) AS found""",
        money_accounts(asked),
        _pairs(asked),
        _entry_pairs(),
    )


def _pairs(asked):
    """Return ``pair``: posted matches of key accounts' receivables in the period."""
    return SQL(
        """pair AS (
               SELECT partial.id, partial.max_date, partial.amount,
                      debit.move_id AS debit_id, credit.move_id AS credit_id,
                      account.id AS account_id
                 FROM account_partial_reconcile partial
                 JOIN account_move_line debit ON debit.id = partial.debit_move_id
                 JOIN account_move_line credit ON credit.id = partial.credit_move_id
                 JOIN account_account receivable
                   ON receivable.id = debit.account_id
                  AND receivable.account_type = 'asset_receivable'
                 JOIN res_partner party
                   ON party.id = COALESCE(debit.partner_id, credit.partner_id)
                 JOIN nka_check_account account
                   ON account.partner_id = party.commercial_partner_id
                WHERE partial.max_date BETWEEN %s AND %s
                  AND debit.company_id = ANY(%s)
                  AND debit.parent_state = 'posted' AND credit.parent_state = 'posted'
           )""",
        asked.date_from,
        asked.date_to,
        asked.companies,
    )


def _entry_pairs():
    """Return the CTE ``entry_pair``: matches of two entries with the money in
    either, without exchange differences.
    """
    return SQL(
        """entry_pair AS (
               SELECT pair.*, debit.name AS debit_name, credit.name AS credit_name,
                      %(of_debit)s AS debit_part, %(of_credit)s AS credit_part
                 FROM pair
                 JOIN account_move debit ON debit.id = pair.debit_id
                 JOIN account_move credit ON credit.id = pair.credit_id
                 JOIN res_company company ON company.id = debit.company_id
                WHERE debit.move_type NOT IN %(documents)s
                  AND credit.move_type NOT IN %(documents)s
                  AND (company.currency_exchange_journal_id IS NULL
                       OR company.currency_exchange_journal_id
                          NOT IN (debit.journal_id, credit.journal_id))
           )""",
        of_debit=_money_part(SQL("pair.debit_id"), -1),
        of_credit=_money_part(SQL("pair.credit_id"), 1),
        documents=DOCUMENTS,
    )


def _money_part(entry, sign):
    """Return the money in an entry; negative if it goes the other way.

    :param SQL entry: the entry's id
    :param int sign: 1 or -1, the direction that counts as positive
    """
    return SQL(
        """(SELECT COALESCE(SUM(line.balance), 0) * %s FROM account_move_line line
              LEFT JOIN account_payment payment ON payment.id = line.payment_id
             WHERE line.move_id = %s
               AND (line.account_id IN (SELECT id FROM money)
                    OR line.account_id = payment.outstanding_account_id))""",
        sign,
        entry,
    )


def unmatched_steps(check, asked, shown):
    """Return the query for money of key accounts' clients that isn't fully matched."""
    return [_insert(check, asked, _unmatched(asked), shown)]


def _unmatched(asked):
    """Return payments without an entry, unreconciled bank statement lines, and
    what posted entries with money left open on the client's account.
    """
    found = [_payments_without_entry(asked), _waiting_bank_lines(asked), _open_money()]
    return SQL(
        """WITH money AS (%s), party AS MATERIALIZED (
               SELECT party.id, account.id AS account_id
                 FROM nka_check_account account
                 JOIN res_partner party
                   ON party.commercial_partner_id = account.partner_id
           ), open AS (%s), found AS (%s)
           SELECT date, account_id AS key_account_id, NULL::varchar AS name,
                  name AS counterpart, NULL::int AS user_id, NULL::int AS source_ref,
                  NULL::int AS move_ref, entry_id AS entry_ref, NULL::int AS order_ref,
                  NULL::date AS order_date, amount AS settled, 0 AS untaxed, 0 AS due, 0 AS credited, 0 AS rest,
                  0 AS whole, FALSE AS is_different, reason
             FROM found""",
        money_accounts(asked),
        _open_items(asked),
        SQL(" UNION ALL ").join(found),
    )


def _open_items(asked):
    """Return what each entry of the period leaves open on clients' receivables."""
    return SQL(
        """SELECT line.move_id, party.account_id, SUM(-line.amount_residual) AS amount
             FROM account_move_line line
             JOIN party ON party.id = line.partner_id
             JOIN account_account receivable
               ON receivable.id = line.account_id
              AND receivable.account_type = 'asset_receivable'
            WHERE line.company_id = ANY(%s)
              AND line.parent_state = 'posted' AND line.reconciled IS NOT TRUE
              AND line.date BETWEEN %s AND %s
            GROUP BY line.move_id, party.account_id""",
        asked.companies,
        asked.date_from,
        asked.date_to,
    )


def _payments_without_entry(asked):
    return SQL(
        """SELECT payment.date, party.account_id, payment.name,
                  payment.amount_company_currency_signed AS amount,
                  NULL::int AS entry_id, 'no_entry' AS reason
             FROM account_payment payment
             JOIN party ON party.id = payment.partner_id
            WHERE payment.company_id = ANY(%s)
              AND payment.partner_type = 'customer' AND payment.move_id IS NULL
              AND payment.state IN ('in_process', 'paid')
              AND payment.date BETWEEN %s AND %s""",
        asked.companies,
        asked.date_from,
        asked.date_to,
    )


def _waiting_bank_lines(asked):
    return SQL(
        """SELECT move.date, party.account_id, move.name, -line.balance, move.id,
                  'unmatched'
             FROM account_bank_statement_line bank
             JOIN account_move move ON move.id = bank.move_id
             JOIN party ON party.id = bank.partner_id
             JOIN account_journal journal ON journal.id = bank.journal_id
             JOIN account_move_line line
               ON line.move_id = move.id
              AND line.account_id = journal.suspense_account_id
            WHERE bank.company_id = ANY(%s) AND move.state = 'posted'
              AND move.date BETWEEN %s AND %s
              AND bank.is_reconciled IS NOT TRUE AND line.balance != 0""",
        asked.companies,
        asked.date_from,
        asked.date_to,
    )


def _open_money():
    """Return entries that bring or refund money and leave some of it open."""
    return SQL(
        """SELECT move.date, open.account_id, move.name, open.amount, move.id,
                  'unmatched'
             FROM open
             JOIN account_move move ON move.id = open.move_id
            WHERE move.move_type NOT IN %s AND open.amount != 0
              AND SIGN(%s) = SIGN(open.amount)""",
        DOCUMENTS,
        _money_part(SQL("move.id"), 1),
    )


# ---------------------------------------------------------------- rows of a person
def own_steps(check, person_ids):
    """Return the steps up to ``own``: rows of a comparison that concern each person.

    These are their own parts and, for clients they owned on the day, what no one or
    another person gets. For parts of others, neither the person nor the amount is
    shown.

    :param check: nka.bonus.check
    :param list person_ids: user ids
    """
    rows = SQL("SELECT * FROM nka_bonus_check_line WHERE check_id = %s", check.id)
    mine = SQL(
        """SELECT DISTINCT basis, source_ref, user_id AS person_id FROM nka_check_line
            WHERE user_id = ANY(%s)""",
        person_ids,
    )
    return [
        table("line", rows),
        table("mine", mine),
        table("concerning", _concerning(person_ids)),
        table("own", _own()),
    ]


def _concerning(person_ids):
    return SQL(
        """SELECT id, user_id AS person_id FROM nka_check_line
            WHERE user_id = ANY(%(people)s)
            UNION
           SELECT line.id, assignment.user_id
             FROM nka_check_line line
             JOIN nka_assignment assignment
               ON assignment.key_account_id = line.key_account_id
              AND assignment.user_id = ANY(%(people)s)
              AND line.date >= assignment.date_from
              AND (assignment.date_to IS NULL OR line.date <= assignment.date_to)
             LEFT JOIN nka_check_mine mine
               ON mine.basis = line.basis AND mine.source_ref = line.source_ref
              AND mine.person_id = assignment.user_id
            WHERE line.user_id IS NULL OR mine.person_id IS NULL""",
        people=person_ids,
    )


def _own():
    return SQL(
        """SELECT person_id, basis, date, key_account_id, name, counterpart, own_id,
                  source_ref, move_ref, entry_ref, MIN(order_ref) AS order_ref,
                  MIN(order_date) AS order_date, SUM(settled) AS settled,
                  SUM(untaxed) AS untaxed,
                  COALESCE(SUM(due) FILTER (WHERE is_plain), 0) AS due,
                  COALESCE(SUM(credited) FILTER (WHERE is_plain), 0) AS credited,
                  COALESCE(SUM(rest) FILTER (WHERE is_plain), 0) AS rest,
                  MAX(whole) AS whole, BOOL_OR(is_different AND is_plain) AS is_different,
                  CASE WHEN is_plain THEN reason ELSE 'other_owner' END AS reason
             FROM (SELECT line.*, concerning.person_id,
                          CASE WHEN line.user_id = person_id THEN person_id END AS own_id,
                          COALESCE(line.user_id = person_id, TRUE) AS is_plain
                     FROM nka_check_concerning concerning
                     JOIN nka_check_line line ON line.id = concerning.id) AS found
            GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20"""
    )


def keep_own(check):
    """Return the INSERT that copies a person's rows into a comparison of their own.

    :param check: nka.bonus.check to copy into
    """
    return SQL(
        """INSERT INTO nka_bonus_check_line (%s)
           SELECT %s, %s, now() AT TIME ZONE 'UTC', basis, date, key_account_id, name,
                  counterpart, own_id, source_ref, move_ref, entry_ref, order_ref,
                  order_date, settled, untaxed, due, credited, rest, whole, is_different,
                  reason
             FROM nka_check_own ORDER BY date, source_ref""",
        COLUMNS,
        check.id,
        check.env.uid,
    )


def uncredited():
    """Return the query for uncredited money by person, client and reason."""
    return SQL(
        """SELECT person_id, key_account_id, reason, SUM(settled), MIN(order_date)
             FROM nka_check_own WHERE reason NOT IN %s
            GROUP BY 1, 2, 3 HAVING SUM(settled) != 0
            ORDER BY 1, 4 DESC, 2""",
        NO_LOSS,
    )
