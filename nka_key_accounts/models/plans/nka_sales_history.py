from odoo import api, models
from odoo.tools import SQL

from ..history import history_sql


class SalesHistory(models.Model):
    """Update whitespace with the sales history that it is made from."""

    _inherit = "nka.sales.history"

    @api.model
    def _rebuild(self, companies, today):
        result = super()._rebuild(companies, today)
        accounts = self.env["nka.key.account"].sudo()
        changed = accounts.search([("company_id", "in", companies.ids)]).ids
        self.env["nka.whitespace.line"]._follow(companies, changed)
        return result

    @api.model
    def _catch_up(self, companies, last, today):
        result = super()._catch_up(companies, last, today)
        rows = self.env.execute_query(SQL("%s", history_sql.CHANGED_ACCOUNTS))
        changed = [account_id for (account_id,) in rows]
        self.env["nka.whitespace.line"]._follow(companies, changed)
        return result
