from odoo import models


class Handover(models.Model):
    """Counted and exported like the client it tells of."""

    _name = "nka.handover"
    _inherit = ["nka.handover", "nka.read.mixin"]
