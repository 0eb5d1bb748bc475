from odoo import SUPERUSER_ID, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def write(self, vals):
        """What a posted invoice was for changes by the superuser only, see
        ``nka.order.link``.
        """
        if vals.keys().isdisjoint({"invoice_lines", "order_id"}):
            return super().write(vals)
        links = self.env["nka.order.link"]
        links._flush_links()
        orders = self.order_id
        result = super().write(vals)
        if self.env.uid == SUPERUSER_ID:
            self.flush_recordset(["order_id"])
            links._confirm_orders(orders | self.order_id)
        return result
