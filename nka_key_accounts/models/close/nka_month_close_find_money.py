from odoo import models
from odoo.tools import SQL

STATEMENT = "nka.pay.statement"


class MonthCloseFindMoney(models.Model):
    """Items of the checklist about money: ledger, shares, advances, payslips."""

    _inherit = "nka.month.close"

    def _find_previous(self, _rule):
        """Earlier months that aren't locked, though somebody calculated in them."""
        earlier = self.env[STATEMENT].search(
            [
                ("company_id", "=", self.company_id.id),
                ("month", "<", self.month),
                ("state", "in", ("calculated", "approved")),
            ]
        )
        return STATEMENT, earlier.ids

    def _find_credits(self, _rule):
        """Ledger against accounting, payment by payment and to the cent."""
        check = self.env["nka.bonus.check"]._check(
            self.company_id, self.month, self.month_end, only_different=True
        )
        found = check.line_ids.ids
        check.unlink()
        return "nka.bonus.check.line", found

    def _find_shares(self, _rule):
        """Accounts of which another share than 100 % belongs to somebody on a day.

        Told by the statements of whom it concerns: officers don't see accounts.
        """
        rows = self.env.execute_query(
            SQL(
                """WITH own AS (
                       SELECT key_account_id, user_id, share, date_from,
                              COALESCE(date_to, 'infinity'::date) AS date_to
                         FROM nka_assignment
                        WHERE company_id = %(company)s AND date_from <= %(last)s
                          AND COALESCE(date_to, 'infinity'::date) >= %(first)s
                   ), days AS (
                       SELECT key_account_id, GREATEST(date_from, %(first)s) AS day
                         FROM own
                        UNION
                       SELECT key_account_id, date_to + 1 FROM own
                        WHERE date_to < %(last)s
                   ), wrong AS (
                       SELECT days.key_account_id
                         FROM days JOIN own USING (key_account_id)
                        WHERE days.day BETWEEN own.date_from AND own.date_to
                        GROUP BY days.key_account_id, days.day
                       HAVING SUM(own.share) != 100
                   )
                   SELECT DISTINCT own.user_id
                     FROM own JOIN wrong USING (key_account_id)""",
                company=self.company_id.id,
                first=self.month,
                last=self.month_end,
            )
        )
        users = {user_id for (user_id,) in rows}
        own = self.statement_ids.filtered(lambda row: row.user_id.id in users)
        return STATEMENT, own.ids

    def _find_balance(self, _rule):
        """Advances: what is owed before, plus or less this month, is what is owed now.

        Before is the last statement's, or what was brought forward since, or nothing.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT own.id
                     FROM nka_pay_statement own
                     LEFT JOIN LATERAL (
                         SELECT month, balance FROM nka_pay_statement earlier
                          WHERE earlier.employee_id = own.employee_id
                            AND earlier.company_id = own.company_id
                            AND earlier.month < own.month AND earlier.state != 'open'
                          ORDER BY earlier.month DESC LIMIT 1
                     ) AS last ON TRUE
                     LEFT JOIN LATERAL (
                         SELECT month, balance FROM nka_pay_opening brought
                          WHERE brought.employee_id = own.employee_id
                            AND brought.company_id = own.company_id
                            AND brought.month <= own.month AND brought.state = 'approved'
                          ORDER BY brought.month DESC LIMIT 1
                     ) AS opening ON TRUE
                    WHERE own.close_id = %s AND own.state != 'open'
                      AND (own.balance_before != CASE
                               WHEN opening.month > COALESCE(last.month, '-infinity')
                               THEN opening.balance ELSE COALESCE(last.balance, 0) END
                           OR own.balance != own.balance_before + own.carry_amount)""",
                self.id,
            )
        )
        return STATEMENT, [id_ for (id_,) in rows]
