"""Payment discipline of clients, read from the invoices in one statement."""

from odoo import fields, models
from odoo.tools import SQL


class QualificationFacts(models.Model):
    _inherit = "nka.qualification"

    def _take_facts(self):
        """Store what the invoices say today; as superuser, since sums are shown."""
        facts = self._read_facts(self.key_account_id)
        today = fields.Date.context_today(self)
        for qualification in self.sudo():
            row = facts[qualification.key_account_id.id]
            qualification._unlocked().write({**row, "facts_date": today})

    def _read_facts(self, accounts):
        """Facts of accounts: three statements, however many accounts there are.

        :rtype: dict[int, dict]
        """
        figures = accounts._read_figures(["trailing_revenue", "overdue_amount"])
        open_amounts = self._read_open_amounts(accounts)
        settled = self._read_settled(accounts)
        return {
            account.id: self._prepare_facts(
                figures[account.id],
                open_amounts.get(account.id, 0),
                settled.get(account.id, (0, 0, 0)),
            )
            for account in accounts
        }

    def _prepare_facts(self, figures, open_amount, settled):
        revenue = figures["trailing_revenue"]
        count, late, worst = settled
        return {
            "trailing_revenue": revenue,
            "overdue_amount": figures["overdue_amount"],
            "open_amount": open_amount,
            "dso_days": round(365 * open_amount / revenue) if revenue > 0 else 0,
            "paid_count": count,
            "late_share": 100 * late / count if count else 0,
            "worst_delay_days": worst,
        }

    def _read_open_amounts(self, accounts):
        self.env.cr.execute(
            SQL(
                """SELECT account.id, SUM(line.amount_residual)
                     FROM nka_key_account account
                     JOIN account_move_line line
                       ON line.partner_id = account.partner_id
                      AND line.company_id = account.company_id
                     JOIN account_account receivable
                       ON receivable.id = line.account_id
                      AND receivable.account_type = 'asset_receivable'
                    WHERE account.id = ANY(%s)
                      AND line.parent_state = 'posted'
                      AND line.reconciled IS NOT TRUE
                    GROUP BY account.id""",
                accounts.ids,
            )
        )
        return dict(self.env.cr.fetchall())

    def _read_settled(self, accounts):
        """Invoices settled in twelve months: how many, how many late, worst delay.

        An instalment is settled on the day of its last reconciliation; an invoice that
        was taken back as a whole wasn't paid, neither in time nor late.
        """
        self.env.cr.execute(
            SQL(
                """WITH settled AS (
                    SELECT account.id, line.date_maturity,
                           MAX(part.max_date) AS settled_on
                      FROM nka_key_account account
                      JOIN account_move_line line
                        ON line.partner_id = account.partner_id
                       AND line.company_id = account.company_id
                      JOIN account_move move ON move.id = line.move_id
                      JOIN account_partial_reconcile part
                        ON part.debit_move_id = line.id
                     WHERE account.id = ANY(%(accounts)s)
                       AND move.move_type = 'out_invoice'
                       AND move.payment_state IS DISTINCT FROM 'reversed'
                       AND line.display_type = 'payment_term'
                       AND line.reconciled
                     GROUP BY account.id, line.id
                )
                SELECT id, COUNT(*),
                       COUNT(*) FILTER (WHERE settled_on > date_maturity),
                       GREATEST(MAX(settled_on - date_maturity), 0)
                  FROM settled
                 WHERE settled_on > %(since)s
                 GROUP BY id""",
                accounts=accounts.ids,
                since=accounts._trailing_since(),
            )
        )
        return {row[0]: row[1:] for row in self.env.cr.fetchall()}
