from odoo import models


class Pricelist(models.Model):
    _inherit = "product.pricelist"

    def _nka_prices_changed(self):
        """Withdraw the approval of changed price lists, unless a supervisor made the
        change. Price lists without an approval cost no query.
        """
        accounts = self.env["nka.key.account"]
        approved = {
            number
            for lists, _free in accounts._contracts().values()
            for number in lists
        }
        mine = self.filtered(lambda pricelist: pricelist.id in approved)
        if mine and not accounts._may_supervise():
            accounts._end_approval(mine)
