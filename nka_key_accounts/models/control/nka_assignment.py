from odoo import models


class Assignment(models.Model):
    """Count reads and check exports of assignments, as for all key account data."""

    _name = "nka.assignment"
    _inherit = ["nka.assignment", "nka.read.mixin"]
