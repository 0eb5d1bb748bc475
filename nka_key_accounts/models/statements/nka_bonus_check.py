from odoo import api, models
from odoo.tools import SQL


class BonusCheck(models.TransientModel):
    _inherit = "nka.bonus.check"

    @api.model
    def _first_open_day(self, company):
        """The first day after the last month with a statement that is approved."""
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
