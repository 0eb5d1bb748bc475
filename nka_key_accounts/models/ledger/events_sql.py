"""``event``: what counts for a credit, and the credit to date before and after it."""

from odoo.tools import SQL

from ..facts import payments


def paid_events(digits, accounts):
    """Return the CTEs up to ``event``: money received for invoices, and credit to date.

    ``facts.payments`` decides which part of a reconciliation is money. A credit note
    that is refunded in money mirrors an invoice.

    :param int digits: decimal places of the company currency
    :param payments.MoneyAccounts accounts: accounts that count as money
    """
    steps = [_matched_cte(), _arrived_cte(accounts), _refunded_cte(), _paid_cte(digits)]
    return SQL(", ").join(steps)


def _matched_cte():
    """Return ``matched``: reconciliations of posted invoices, from their own side."""
    return SQL(
        """term AS MATERIALIZED (
            SELECT line.id, invoice.id AS move_id, invoice.digits, invoice.currency_id,
                   invoice.refund_id IS NOT NULL AS is_refund
              FROM invoice
              JOIN account_move_line line
                ON line.move_id = COALESCE(invoice.invoice_id, invoice.refund_id)
               AND line.display_type = 'payment_term'
        ), matched AS MATERIALIZED (%s UNION ALL %s)""",
        _matched_side(SQL("NOT term.is_refund"), "debit", "credit"),
        _matched_side(SQL("term.is_refund"), "credit", "debit"),
    )


def _matched_side(condition, own, other):
    """Return the reconciliations of the invoices whose own side is ``own``."""
    return SQL(
        """SELECT term.move_id, term.digits, term.currency_id, term.is_refund,
                  partial.id AS source_ref, partial.max_date AS day,
                  partial.%(amount)s AS amount, partial.%(other)s AS other_id
             FROM term
             JOIN account_partial_reconcile partial ON partial.%(own)s = term.id
            WHERE %(condition)s""",
        amount=SQL.identifier(f"{own}_amount_currency"),
        other=SQL.identifier(f"{other}_move_id"),
        own=SQL.identifier(f"{own}_move_id"),
        condition=condition,
    )


def _arrived_cte(accounts):
    """Return the CTE ``arrived``: money of each reconciliation, and of its
    invoice so far.
    """
    return SQL(
        """%s, arrived AS MATERIALIZED (
            SELECT move_id, source_ref, day AS event_date, money,
                   SUM(money) OVER (PARTITION BY move_id ORDER BY day, source_ref)
                       AS money_to_date
              FROM money
        )""",
        payments.money_ctes(accounts),
    )


def _refunded_cte():
    """Return ``refunded``: the last payment of the refund's source before it."""
    return SQL("""
        refunded AS (
            SELECT DISTINCT ON (refund.source_ref)
                   refund.source_ref, payment.source_ref AS origin_ref
              FROM invoice
              JOIN arrived refund ON refund.move_id = invoice.refund_id
              JOIN arrived payment ON payment.move_id = invoice.source_id
               AND payment.event_date <= refund.event_date
             ORDER BY refund.source_ref, payment.event_date DESC,
                      payment.source_ref DESC
        )""")


def _paid_cte(digits):
    """Return ``event``: the credit to date with each payment and before it."""
    return SQL(
        """event AS (
            SELECT invoice.account_id, invoice.order_date, invoice.basis_date,
                   arrived.event_date, arrived.event_date AS owner_date,
                   arrived.event_date AS position_date, arrived.source_ref,
                   invoice.id AS chain_id, invoice.id AS move_ref,
                   invoice.name AS source_name, invoice.untaxed, invoice.total,
                   arrived.money, arrived.money_to_date,
                   CASE WHEN invoice.refund_id IS NULL THEN 'payment'
                        ELSE 'refund' END AS kind,
                   ROUND(untaxed * LEAST(money_to_date, total)
                         / NULLIF(total, 0), %(digits)s) AS to_date,
                   ROUND(untaxed * LEAST(money_to_date - money, total)
                         / NULLIF(total, 0), %(digits)s) AS before,
                   refunded.origin_ref
              FROM arrived
              JOIN invoice ON invoice.id = arrived.move_id
              LEFT JOIN refunded ON refunded.source_ref = arrived.source_ref
             WHERE total != 0
        )""",
        digits=digits,
    )


def invoiced_events(digits):
    """Return the CTEs up to ``event`` for the basis of invoices.

    A posted invoice counts with its untaxed amount. Linked credit notes reverse it in
    document currency at the source's company amount, at most in full.

    :param int digits: decimal places of the company currency
    """
    return SQL(
        """note AS (
            SELECT invoice.*, source.untaxed AS given, source.document_untaxed AS whole,
                   source.is_posted AS is_given,
                   invoice.source_id IS NOT NULL AND source.document_untaxed > 0
                       AND source.currency_id = invoice.currency_id AS is_linked
              FROM invoice LEFT JOIN invoice source ON source.id = invoice.source_id
             WHERE invoice.is_posted
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
