from odoo import api, fields, models
from odoo.tools import SQL


class BonusCheck(models.TransientModel):
    _inherit = "nka.bonus.check"

    @api.model
    def _first_open_day(self, company):
        """Return the first day after the last month with an approved statement."""
        rows = self.env.execute_query(
            SQL(
                """SELECT (month + interval '1 month')::date
                     FROM nka_pay_statement
                    WHERE company_id = %s AND state NOT IN ('open', 'calculated')
                    ORDER BY month DESC LIMIT 1""",
                company.id,
            )
        )
        return rows[0][0] if rows else super()._first_open_day(company)

    @api.model
    def _tell_uncredited(self, results, month, company):
        """Explain bonus lines without credits by uncredited client payments.

        :param dict results: values of the statement and of its lines, by statement
        :param date month: first day
        :param company: res.company
        """
        empty = {
            statement: vals["explanation"]
            for statement, (_values, rows) in results.items()
            for vals in rows
            if vals["kind"] == "bonus" and vals["explanation"]["reason"] == "no_credits"
        }
        if not empty:
            return
        users = self.env["res.users"].union(*(row.user_id for row in empty))
        last = fields.Date.end_of(month, "month")
        lost = self._uncredited(company, users, month, last)
        credited = self.env["nka.bonus.line"]._sources(company, users, month, last)
        for statement, explanation in empty.items():
            user_id = statement.user_id.id
            if credited.get(user_id):
                explanation["reason"] = "taken_back"
            explanation["uncredited"] = [
                [account_id, reason, str(money), day and str(day)]
                for account_id, reason, money, day in lost[user_id]
            ]
