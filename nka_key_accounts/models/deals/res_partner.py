from odoo import models


class ResPartner(models.Model):
    """Check the orders of contacts that move to another client."""

    _inherit = "res.partner"

    def write(self, vals):
        if not self._accounts_near(vals):
            return super().write(vals)
        with self._orders_below()._nka_watched():
            return super().write(vals)

    def _orders_below(self):
        """Return the orders of these contacts and all contacts below, with one query.

        :rtype: sale.order
        """
        own = [("id", "child_of", self.ids)]
        people = self.sudo().with_context(active_test=False)._search(own)
        domain = [
            "|",
            ("partner_id", "in", people),
            ("partner_invoice_id", "in", people),
        ]
        return self.env["sale.order"].sudo().search(domain)
