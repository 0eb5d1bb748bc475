"""The two statements that write the ledger: one per basis, for all people at once.

Both say what should be credited for some invoices as accounting has them now, compare
with what the ledger has, and append the difference. Running them again therefore writes
nothing, and running them in pieces writes what one run would have written.

MATERIALIZED fences are for the planner: seen through, a condition on an invoice makes it
scan every journal item. So are FULL joins whose loose rows are dropped by a condition it
can't see through: behind fences it expects one row, and of the other joins it would take
the loop within a loop, which for a month of 30,000 credits runs for minutes.
"""

from odoo.tools import SQL

CUSTOMER_TYPES = ("out_invoice", "out_refund", "out_receipt")


def _array(rows, name, kind):
    return SQL("%s::%s[]", [getattr(row, name) for row in rows], SQL(kind))


def parts_cte(parts):
    """``part``: who gets which percent of an account's orders; few rows, sent along.

    :param list parts: pairs of account id and ownership.Part
    """
    rows = [part for _account_id, part in parts]
    return SQL(
        """part AS MATERIALIZED (
            SELECT * FROM unnest(%s::int[], %s) AS t(account_id, order_from, order_to,
                event_from, event_to, user_id, percent, position, parts))""",
        [account_id for account_id, _part in parts],
        SQL(", ").join(
            _array(rows, name, kind)
            for name, kind in (
                ("order_from", "date"),
                ("order_to", "date"),
                ("event_from", "date"),
                ("event_to", "date"),
                ("user_id", "int"),
                ("percent", "numeric"),
                ("position", "int"),
                ("count", "int"),
            )
        ),
    )


def terms_cte(name, terms):
    """``basis`` or ``span``: terms.CreditTerms as rows."""
    return SQL(
        """%s AS MATERIALIZED (
            SELECT * FROM unnest(%s) AS t(user_id, basis, date_from, date_to))""",
        SQL(name),
        SQL(", ").join(
            _array(terms, column, kind)
            for column, kind in (
                ("user_id", "int"),
                ("basis", "varchar"),
                ("date_from", "date"),
                ("date_to", "date"),
            )
        ),
    )


def papers_cte(build):
    """``paper``: the posted customer papers among the candidates, with the account and
    the days that decide about them. A credit note goes by its source's days.
    """
    return SQL(
        """ordered AS MATERIALIZED (
            SELECT line.move_id, MIN(sale.date_order) AS date_order
              FROM wanted
              JOIN account_move_line line ON line.move_id = wanted.id
              JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = line.id
              JOIN sale_order_line sold ON sold.id = rel.order_line_id
              JOIN sale_order sale ON sale.id = sold.order_id
             GROUP BY line.move_id
        ), paper AS MATERIALIZED (
            SELECT move.id, move.name, move.move_type, account.id AS account_id,
                   move.amount_untaxed_signed AS untaxed, move.amount_total AS total,
                   move.amount_untaxed AS document_untaxed, move.currency_id,
                   move.state = 'posted' AS is_posted,
                   COALESCE(move.invoice_date, move.date) AS own_date,
                   currency.decimal_places AS digits,
                   source.id AS source_id,
                   COALESCE(source.invoice_date, source.date,
                            move.invoice_date, move.date) AS basis_date,
                   COALESCE(
                       (COALESCE(ordered.date_order, by_source.date_order)
                            AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date,
                       source.invoice_date, source.date,
                       move.invoice_date, move.date) AS order_date
              FROM wanted
              JOIN account_move move ON move.id = wanted.id
              JOIN res_currency currency ON currency.id = move.currency_id
              LEFT JOIN account_move source
                ON source.id = move.reversed_entry_id AND move.move_type = 'out_refund'
               AND source.move_type IN ('out_invoice', 'out_receipt')
              JOIN nka_key_account account
                ON account.partner_id = COALESCE(source.commercial_partner_id,
                                                 move.commercial_partner_id)
               AND account.company_id = move.company_id
              LEFT JOIN ordered ON ordered.move_id = move.id
              LEFT JOIN ordered by_source ON by_source.move_id = source.id
             WHERE move.company_id = %(company)s
               AND move.move_type IN %(types)s
        )""",
        zone=build.zone,
        company=build.company.id,
        types=CUSTOMER_TYPES,
    )


def shares_cte(build):
    """``due``: ``event`` divided among its beneficiaries, as it should be credited.

    Each part is cut from all credited so far less what was credited before, so that
    many pieces give everybody what one piece would have given; the last share is the
    remainder and none takes more than is left.
    """
    digits = build.digits
    return SQL(
        """owned AS (
            SELECT event.*, part.user_id, part.percent, part.position, part.parts,
                   part.event_from
              FROM event
              JOIN part ON part.account_id = event.account_id
               AND event.order_date BETWEEN part.order_from AND part.order_to
               AND event.owner_date BETWEEN part.event_from AND part.event_to
        ), shared AS (
            SELECT owned.*,
                   FIRST_VALUE(before) OVER (
                       PARTITION BY chain_id, user_id, event_from
                       ORDER BY position_date, source_ref) AS base
              FROM owned WHERE parts > 1
        ), stepped AS (
            SELECT shared.*,
                   SUM(ROUND(ABS(to_date - base) * percent / 100, %(digits)s)) OVER step
                       AS now_sum,
                   SUM(ROUND(ABS(before - base) * percent / 100, %(digits)s)) OVER step
                       AS before_sum
              FROM shared
            WINDOW step AS (PARTITION BY source_ref ORDER BY position)
        ), cut AS (
            SELECT stepped.*,
                   CASE WHEN position = parts - 1 THEN ABS(to_date - base)
                        ELSE LEAST(now_sum, ABS(to_date - base)) END AS now_cut,
                   CASE WHEN position = parts - 1 THEN ABS(before - base)
                        ELSE LEAST(before_sum, ABS(before - base)) END AS before_cut
              FROM stepped
        ), divided AS (
            SELECT source_ref, user_id, account_id, event_date, basis_date, move_ref,
                   source_name, kind, untaxed, total, money, money_to_date, percent,
                   origin_ref, to_date - before AS amount
              FROM owned WHERE parts = 1
             UNION ALL
            SELECT source_ref, user_id, account_id, event_date, basis_date, move_ref,
                   source_name, kind, untaxed, total, money, money_to_date, percent,
                   origin_ref,
                   SIGN(to_date - base) * (now_cut - COALESCE(LAG(now_cut) OVER (
                       PARTITION BY source_ref ORDER BY position), 0))
                   - SIGN(before - base) * (before_cut - COALESCE(LAG(before_cut) OVER (
                       PARTITION BY source_ref ORDER BY position), 0))
              FROM cut
        ), due AS MATERIALIZED (
            SELECT divided.*
              FROM divided
             WHERE divided.amount != 0
               AND EXISTS (SELECT FROM basis WHERE basis.user_id = divided.user_id
                              AND divided.basis_date BETWEEN basis.date_from
                                                         AND basis.date_to)
               AND EXISTS (SELECT FROM span WHERE span.user_id = divided.user_id
                              AND divided.event_date BETWEEN span.date_from
                                                         AND span.date_to)
        )""",
        digits=digits,
    )


def append_sql(build, basis):
    """Compare ``due`` with the ledger and append the difference.

    Closed months stay: whatever isn't in them yet, or too much, goes into the first
    open day. An open month's own lines are brought to what is due in it. What takes
    something back remembers the day on which the person was credited for that.
    """
    return SQL(
        """kept AS MATERIALIZED (
            SELECT line.* FROM nka_bonus_line line
              JOIN (SELECT DISTINCT id FROM wanted) AS seen ON seen.id = line.move_ref
             WHERE line.company_id = %(company)s AND line.basis = %(basis)s
        ), known AS MATERIALIZED (
            SELECT source_ref, user_id, MIN(id) AS first_id,
                   MIN(date) AS first_date, MAX(revision) AS revision,
                   COALESCE(SUM(amount) FILTER (WHERE date < %(first_open)s), 0)
                       AS closed
              FROM kept GROUP BY source_ref, user_id
        ), target AS (
            SELECT source_ref, user_id,
                   GREATEST(due.event_date, %(first_open)s) AS date,
                   COALESCE(due.amount, 0) - COALESCE(known.closed, 0) AS amount
              FROM due FULL JOIN known USING (source_ref, user_id)
             WHERE known.first_id IS NOT NULL OR due.event_date <= %(date_to)s
        ), present AS (
            SELECT source_ref, user_id, date, SUM(amount) AS amount
              FROM kept WHERE date >= %(first_open)s
             GROUP BY source_ref, user_id, date
        ), difference AS (
            SELECT source_ref, user_id, date,
                   COALESCE(target.amount, 0) - COALESCE(present.amount, 0) AS amount
              FROM target FULL JOIN present USING (source_ref, user_id, date)
        )
        INSERT INTO nka_bonus_line (
            company_id, basis, user_id, source_ref, date, amount, key_account_id,
            event_date, kind, move_ref, source_name, untaxed, total, money,
            money_to_date, percent, revision, corrects_id, origin_date, reason)
        SELECT %(company)s, %(basis)s, difference.user_id, difference.source_ref,
               difference.date,
               difference.amount,
               COALESCE(due.account_id, first.key_account_id),
               COALESCE(due.event_date, first.event_date),
               COALESCE(due.kind, first.kind),
               COALESCE(due.move_ref, first.move_ref),
               COALESCE(due.source_name, first.source_name),
               COALESCE(due.untaxed, first.untaxed), COALESCE(due.total, first.total),
               COALESCE(due.money, 0), COALESCE(due.money_to_date, 0),
               COALESCE(due.percent, first.percent),
               COALESCE(known.revision, -1) + ROW_NUMBER() OVER (
                   PARTITION BY difference.source_ref, difference.user_id
                   ORDER BY difference.date),
               first.id,
               CASE WHEN first.id IS NOT NULL THEN first.origin_date
                    WHEN given.first_date IS NOT NULL
                    THEN LEAST(given.first_date, difference.date)
                    WHEN origin.source_ref IS NOT NULL
                    THEN LEAST(GREATEST(origin.event_date, %(first_open)s),
                               difference.date)
                    ELSE difference.date END,
               CASE WHEN due.source_ref IS NULL THEN 'undone'
                    WHEN first.id IS NULL AND due.event_date < %(first_open)s THEN 'late'
                    WHEN first.id IS NULL THEN 'event'
                    WHEN due.event_date != first.event_date THEN 'moved'
                    ELSE 'changed' END
          FROM difference
          FULL JOIN due ON due.source_ref = difference.source_ref
           AND due.user_id = difference.user_id
          FULL JOIN known ON known.source_ref = difference.source_ref
           AND known.user_id = difference.user_id
          FULL JOIN due origin ON origin.source_ref = due.origin_ref
           AND origin.user_id = due.user_id
          FULL JOIN known given ON given.source_ref = due.origin_ref
           AND given.user_id = due.user_id
          LEFT JOIN nka_bonus_line first ON first.id = known.first_id
         WHERE COALESCE(difference.amount, 0) != 0
         ORDER BY difference.date, difference.source_ref, difference.user_id""",
        company=build.company.id,
        basis=basis,
        first_open=build.first_open,
        date_to=build.date_to,
    )


def paid_events():
    """``event``: money reconciled with a paper, and its credit to date.

    The money in a reconciliation is what the payment brought of it: a payment with a
    write-off or a discount reconciles more than its own amount. A statement line's
    entry brings what its own liquidity side holds. Credit notes, write-offs and
    exchange differences have neither payment nor statement line and bring nothing. A
    credit note that is refunded in money mirrors an invoice, and takes back of the last
    money that came for its source.
    """
    return SQL("""
        matched AS MATERIALIZED (
            SELECT paper.id AS move_id, partial.id AS source_ref,
                   partial.max_date AS event_date,
                   partial.debit_amount_currency AS amount,
                   partial.credit_move_id AS other_id
              FROM paper
              JOIN account_move_line line ON line.move_id = paper.id
               AND line.display_type = 'payment_term'
              JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id
             WHERE paper.is_posted AND paper.move_type != 'out_refund'
             UNION ALL
            SELECT paper.id, partial.id, partial.max_date,
                   partial.credit_amount_currency, partial.debit_move_id
              FROM paper
              JOIN account_move_line line ON line.move_id = paper.id
               AND line.display_type = 'payment_term'
              JOIN account_partial_reconcile partial ON partial.credit_move_id = line.id
             WHERE paper.is_posted AND paper.move_type = 'out_refund'
        ), arrived AS MATERIALIZED (
            SELECT paper.*, matched.source_ref, matched.event_date,
                   ROUND(LEAST(matched.amount, COALESCE(
                       matched.amount * payment.amount
                           / NULLIF(ABS(other.amount_currency), 0),
                       matched.amount * liquid.part)), paper.digits) AS money
              FROM matched
              JOIN paper ON paper.id = matched.move_id
              JOIN account_move_line other ON other.id = matched.other_id
              LEFT JOIN account_payment payment ON payment.id = other.payment_id
              LEFT JOIN LATERAL (
                  SELECT ABS(SUM(own.balance) FILTER (
                             WHERE own.account_id = journal.default_account_id))
                         / NULLIF(ABS(SUM(own.balance) FILTER (
                             WHERE own.account_id = other.account_id)), 0) AS part
                    FROM account_move_line own
                    JOIN account_journal journal ON journal.id = own.journal_id
                   WHERE own.move_id = other.move_id AND other.payment_id IS NULL
              ) AS liquid ON TRUE
             WHERE other.payment_id IS NOT NULL OR other.statement_line_id IS NOT NULL
        ), summed AS (
            SELECT arrived.*, SUM(money) OVER (
                       PARTITION BY id ORDER BY event_date, source_ref) AS money_to_date
              FROM arrived
        ), refunded AS (
            SELECT DISTINCT ON (refund.source_ref)
                   refund.source_ref, payment.source_ref AS origin_ref
              FROM arrived refund
              JOIN arrived payment ON payment.id = refund.source_id
               AND payment.event_date <= refund.event_date
             WHERE refund.move_type = 'out_refund'
             ORDER BY refund.source_ref, payment.event_date DESC,
                      payment.source_ref DESC
        )""")


def paid_credits(digits):
    """The credit to date of each paid event, and the one before it."""
    return SQL(
        """event AS (
            SELECT summed.account_id, summed.order_date, summed.basis_date,
                   summed.event_date, summed.event_date AS owner_date,
                   summed.event_date AS position_date, source_ref,
                   summed.id AS chain_id, summed.id AS move_ref,
                   summed.name AS source_name, summed.untaxed, summed.total,
                   summed.money, summed.money_to_date,
                   CASE WHEN summed.move_type = 'out_refund' THEN 'refund'
                        ELSE 'payment' END AS kind,
                   ROUND(untaxed * LEAST(money_to_date, total)
                         / NULLIF(total, 0), %(digits)s) AS to_date,
                   ROUND(untaxed * LEAST(money_to_date - money, total)
                         / NULLIF(total, 0), %(digits)s) AS before,
                   refunded.origin_ref
              FROM summed LEFT JOIN refunded USING (source_ref) WHERE total != 0
        )""",
        digits=digits,
    )


def invoiced_events(digits):
    """``event``: a posted invoice gives its untaxed amount; linked credit notes take it
    back in document currency at the source's company amount, never more than it gave.
    """
    return SQL(
        """note AS (
            SELECT paper.*, source.untaxed AS given, source.document_untaxed AS whole,
                   source.is_posted AS is_given,
                   paper.source_id IS NOT NULL AND source.document_untaxed > 0
                       AND source.currency_id = paper.currency_id AS is_linked
              FROM paper LEFT JOIN paper source ON source.id = paper.source_id
             WHERE paper.is_posted
        ), taken AS (
            SELECT note.*,
                   SUM(document_untaxed) OVER (
                       PARTITION BY source_id ORDER BY own_date, id) AS notes
              FROM note WHERE is_linked AND is_given
        ), event AS (
            SELECT account_id, order_date, basis_date, own_date AS event_date,
                   basis_date AS owner_date, own_date AS position_date,
                   id AS source_ref, id AS chain_id, id AS move_ref,
                   name AS source_name, untaxed, total, document_untaxed AS money,
                   document_untaxed AS money_to_date,
                   CASE WHEN move_type = 'out_refund' THEN 'credit_note'
                        ELSE 'invoice' END AS kind,
                   ROUND(untaxed, %(digits)s) AS to_date, 0::numeric AS before,
                   NULL::int AS origin_ref
              FROM note WHERE NOT is_linked
             UNION ALL
            SELECT account_id, order_date, basis_date, own_date, basis_date,
                   GREATEST(own_date, basis_date), id, source_id, id, name, given,
                   whole, document_untaxed, notes, 'credit_note',
                   given - ROUND(given * LEAST(notes, whole) / whole, %(digits)s),
                   given - ROUND(given * LEAST(notes - document_untaxed, whole)
                                 / whole, %(digits)s),
                   source_id
              FROM taken
        )""",
        digits=digits,
    )
