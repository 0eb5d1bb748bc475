from odoo import api, models


class PayAgreement(models.Model):
    _inherit = "nka.pay.agreement"

    @api.model
    def _next_month(self):
        """Start the first agreements of a company on the date of its setup page."""
        setup = self.env["nka.setup"]._before_first_lock(self.env.company)
        return setup.agreement_date or super()._next_month()
