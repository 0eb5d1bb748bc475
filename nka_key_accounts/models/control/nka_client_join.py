from odoo import models


class ClientJoin(models.Model):
    """Count reads and check exports, as for all key account data."""

    _name = "nka.client.join"
    _inherit = ["nka.client.join", "nka.read.mixin"]
