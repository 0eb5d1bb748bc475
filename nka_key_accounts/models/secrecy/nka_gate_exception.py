from odoo import api, models


class GateException(models.Model):
    """Overrides name deals, and say why they went on."""

    _inherit = "nka.gate.exception"

    @api.model
    def _needs_regime(self):
        return True
