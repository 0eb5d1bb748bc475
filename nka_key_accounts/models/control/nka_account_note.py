from odoo import models


class AccountNote(models.Model):
    """Count reads and check exports of account notes, as for all key account data."""

    _name = "nka.account.note"
    _inherit = ["nka.account.note", "nka.read.mixin"]
