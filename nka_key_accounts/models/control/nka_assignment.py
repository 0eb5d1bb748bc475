from odoo import models


class Assignment(models.Model):
    """Counted and exported like the client it tells of."""

    _name = "nka.assignment"
    _inherit = ["nka.assignment", "nka.read.mixin"]
