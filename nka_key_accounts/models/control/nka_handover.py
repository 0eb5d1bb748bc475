from odoo import models


class Handover(models.Model):
    """Count reads and check exports of handovers, as for all key account data."""

    _name = "nka.handover"
    _inherit = ["nka.handover", "nka.read.mixin"]
