from odoo import models


class SaleOrder(models.Model):
    """An order names a deal of a key account only for those who read the deal."""

    _name = "sale.order"
    _inherit = ["sale.order", "nka.known.mixin"]
