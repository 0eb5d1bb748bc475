from odoo import api, models


class MonthClose(models.Model):
    _inherit = "nka.month.close"

    @api.model
    def _first_month(self, company):
        """Begin with the month of the company's setup page."""
        setup = self.env["nka.setup"]._before_first_lock(company)
        return setup.sudo().first_month or super()._first_month(company)
