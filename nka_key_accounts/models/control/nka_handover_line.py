from odoo import models


class HandoverLine(models.Model):
    """Counted and exported like the client it tells of."""

    _name = "nka.handover.line"
    _inherit = ["nka.handover.line", "nka.read.mixin"]
