from odoo import models


class SaleOrder(models.Model):
    """Let users link an order to a key account deal only if they can read the deal."""

    _name = "sale.order"
    _inherit = ["sale.order", "nka.known.mixin"]
