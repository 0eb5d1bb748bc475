from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from .measurement import Measurement

STEP = Decimal("0.0001")

#: Posted sales to the accounts a person owned on the day of the invoice. Where a day
#: has several owners, each invoice counts for each of them by his share.
AVERAGE_CHECK = """
    SELECT assignment.user_id,
           SUM(assignment.share / 100 * move.amount_untaxed_signed)::text AS sales,
           (SUM(assignment.share / 100)
               FILTER (WHERE move.move_type = 'out_invoice'))::text AS invoices
           %(ids)s
      FROM account_move move
      JOIN nka_key_account account
        ON account.partner_id = move.commercial_partner_id
       AND account.company_id = move.company_id
      JOIN nka_assignment assignment
        ON assignment.key_account_id = account.id
       AND assignment.date_from <= move.invoice_date
       AND (assignment.date_to IS NULL OR assignment.date_to >= move.invoice_date)
     WHERE move.company_id = %(company)s
       AND move.state = 'posted'
       AND move.move_type IN ('out_invoice', 'out_refund')
       AND move.invoice_date BETWEEN %(date_from)s AND %(date_to)s
       AND assignment.user_id IN %(users)s
     GROUP BY assignment.user_id
"""

#: What was open at the end of a day: what is open now, plus what was reconciled
#: later. A client's open credits pay his oldest debts first.
OVERDUE_SHARE = """
    WITH owner AS MATERIALIZED (
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
             WHERE company_id = %(company)s AND max_date > %(day)s
             UNION ALL
            SELECT credit_move_id, -amount FROM account_partial_reconcile
             WHERE company_id = %(company)s AND max_date > %(day)s
        ) reconciled GROUP BY line_id
    ), candidate AS MATERIALIZED (
        -- Open now: found by the index that Odoo keeps of such lines.
        SELECT line.id, line.partner_id, line.date, line.date_maturity,
               line.amount_residual
          FROM account_move_line line
          JOIN receivable ON receivable.id = line.account_id
         WHERE line.reconciled IS NOT TRUE AND line.parent_state = 'posted'
           AND line.company_id = %(company)s AND line.date <= %(day)s
         UNION ALL
        -- Settled since, as a whole.
        SELECT line.id, line.partner_id, line.date, line.date_maturity,
               line.amount_residual
          FROM later
          JOIN account_move_line line ON line.id = later.line_id
          JOIN receivable ON receivable.id = line.account_id
         WHERE line.reconciled IS TRUE AND line.parent_state = 'posted'
           AND line.company_id = %(company)s AND line.date <= %(day)s
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
     GROUP BY owner.user_id
"""


class KpiMeasures(models.Model):
    """The four measures that come with the addon (docs: pay, season goals)."""

    _inherit = "nka.kpi"

    @api.model
    def _measure_vip_leads(self, users, span, evidence):
        """Confirmed self-sourced VIP leads, on the day of the confirmation, for
        whoever claimed them: a later handover or loss takes nothing away."""
        return self._measure_records(
            users,
            span,
            evidence,
            model="crm.lead",
            domain=[
                ("is_vip", "=", True),
                ("origin", "=", "self_sourced"),
                ("origin_state", "=", "confirmed"),
            ],
            date_field="origin_decision_date",
            owner_field="origin_claimed_by_id",
        )

    @api.model
    def _measure_negotiations(self, users, span, evidence):
        """Negotiations held, by the day they began."""
        events = self.env["calendar.event"]
        return self._measure_records(
            users,
            span,
            evidence,
            model="calendar.event",
            domain=events._domain_held(),
            date_field="start",
            owner_field="user_id",
        )

    @api.model
    def _measure_average_check(self, users, span, evidence):
        """Posted untaxed sales less credit notes, divided by the invoices."""
        ids = SQL(", ARRAY_AGG(move.id ORDER BY move.id)") if evidence else SQL()
        rows = self._execute_measure(AVERAGE_CHECK, users, span, ids=ids)
        return self._collect(users, rows, "account.move", self._divide_check)

    @api.model
    def _divide_check(self, sales, invoices):
        values = {"sales": sales, "invoices": invoices}
        return (sales / invoices if invoices else None), values

    @api.model
    def _measure_overdue_share(self, users, span, evidence):
        """Percent of open receivables that are overdue at the end of the span, or
        today while it runs. Who owns accounts without debts has 0 %; who owns no
        account can't be measured."""
        ids = SQL(
            ", JSONB_AGG(id ORDER BY id) FILTER (WHERE residual > 0 AND is_overdue) AS ids"
        )
        rows = self._execute_measure(
            OVERDUE_SHARE,
            users,
            span,
            day=min(span.date_to, fields.Date.context_today(self)),
            ids=ids if evidence else SQL(),
            all_ids=SQL(", JSONB_AGG(debt.ids)") if evidence else SQL(),
        )
        return self._collect(users, rows, "account.move.line", self._divide_overdue)

    @api.model
    def _divide_overdue(self, overdue, open_amount):
        values = {"overdue": overdue, "open": open_amount}
        return (100 * overdue / open_amount if open_amount else Decimal(0)), values

    # ------------------------------------------------------------ statements
    @api.model
    def _execute_measure(self, statement, users, span, **parts):
        return self.env.execute_query(
            SQL(
                statement,
                company=span.company.id,
                users=tuple(users.ids),
                **{"date_from": span.date_from, "date_to": span.date_to, **parts},
            )
        )

    @api.model
    def _collect(self, users, rows, model, divide):
        """Measurements of all users from rows of (user, two numbers, ids)."""
        found = {}
        for user_id, *numbers, ids in (
            row if len(row) > 3 else (*row, None) for row in rows
        ):
            # As text from the database: its drivers make floats of numerics.
            actual, values = divide(*(Decimal(number or 0) for number in numbers))
            actual = None if actual is None else actual.quantize(STEP)
            found[user_id] = Measurement(actual, values, model, self._flatten(ids))
        return {user.id: found.get(user.id, Measurement(model=model)) for user in users}

    @api.model
    def _flatten(self, ids):
        """Ids of one row: a list, or a list of lists with gaps."""
        flat = []
        for part in ids or ():
            flat.extend(part if isinstance(part, list) else [part] if part else [])
        return tuple(sorted(flat))
