from odoo import models

from ..ledger.terms import FIRST_DAY


class PayPlan(models.Model):
    _inherit = "nka.pay.plan"

    def _first_open_day(self):
        """Return the first day after the company's last approved month.

        Terms can't begin or end before it, so that paid months are unchanged.
        """
        builder = self.env["nka.bonus.builder"].sudo()
        day = builder._first_open_day(self.company_id) if self.company_id else FIRST_DAY
        return super()._first_open_day() if day == FIRST_DAY else day
