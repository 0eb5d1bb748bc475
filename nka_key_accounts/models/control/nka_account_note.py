from odoo import models


class AccountNote(models.Model):
    """Counted and exported like the client it tells of."""

    _name = "nka.account.note"
    _inherit = ["nka.account.note", "nka.read.mixin"]
