from odoo import models


class Tier(models.Model):
    _inherit = "nka.tier"

    def write(self, vals):
        result = super().write(vals)
        if "discount_limit" in vals:
            self.env.registry.clear_cache()
        return result
