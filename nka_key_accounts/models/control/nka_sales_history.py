from odoo import models


class SalesHistory(models.Model):
    """Counted and exported like the client it tells of."""

    _name = "nka.sales.history"
    _inherit = ["nka.sales.history", "nka.read.mixin"]
