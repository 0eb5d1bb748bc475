from odoo import models

from ..ledger.terms import FIRST_DAY


class PayPlan(models.Model):
    _inherit = "nka.pay.plan"

    def _first_open_day(self):
        """The first day after the last month of the company that is approved.

        Terms neither begin nor end before it: what is paid by them stays.
        """
        builder = self.env["nka.bonus.builder"].sudo()
        day = builder._first_open_day(self.company_id) if self.company_id else FIRST_DAY
        return super()._first_open_day() if day == FIRST_DAY else day
