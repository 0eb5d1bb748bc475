from odoo import api, models


class DocumentQuality(models.Model):
    """Rows of documents name clients."""

    _inherit = "nka.document.quality"

    @api.model
    def _needs_regime(self):
        return True
