from odoo import api, models


class Handover(models.Model):
    """Qualifications go along with their account."""

    _inherit = "nka.handover"

    @api.model
    def _owned_models(self):
        return [*super()._owned_models(), "nka.qualification"]
