from odoo import models


class KeyAccount(models.Model):
    """Count reads and check exports of key accounts."""

    _name = "nka.key.account"
    _inherit = ["nka.key.account", "nka.read.mixin"]
