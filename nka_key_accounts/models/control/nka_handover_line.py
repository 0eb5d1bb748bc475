from odoo import models


class HandoverLine(models.Model):
    """Count reads and check exports of handover lines, as for all key account data."""

    _name = "nka.handover.line"
    _inherit = ["nka.handover.line", "nka.read.mixin"]
