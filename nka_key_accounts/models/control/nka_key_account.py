from odoo import models


class KeyAccount(models.Model):
    """Counted and exported like the client it tells of."""

    _name = "nka.key.account"
    _inherit = ["nka.key.account", "nka.read.mixin"]
