from odoo import api, models
from odoo.tools import SQL


class BonusBuilder(models.AbstractModel):
    _inherit = "nka.bonus.builder"

    @api.model
    def _first_open_day(self, company):
        """Return the first day after the last month with an approved statement.

        From its first approved statement on, a month is closed for the ledger: later
        credits in it would never be paid.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT (MAX(month) + interval '1 month')::date
                     FROM nka_pay_statement
                    WHERE company_id = %s AND state IN ('approved', 'locked')""",
                company.id,
            )
        )
        return rows[0][0] or super()._first_open_day(company)
