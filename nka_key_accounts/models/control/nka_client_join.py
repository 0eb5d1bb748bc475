from odoo import models


class ClientJoin(models.Model):
    """Counted and exported like the client it tells of."""

    _name = "nka.client.join"
    _inherit = ["nka.client.join", "nka.read.mixin"]
