from odoo import api, models


class PricelistItem(models.Model):
    """Require a new approval when prices of an approved price list change."""

    _inherit = "product.pricelist.item"

    @api.model_create_multi
    def create(self, vals_list):
        items = super().create(vals_list)
        items.pricelist_id._nka_prices_changed()
        return items

    def write(self, vals):
        pricelists = self.pricelist_id
        result = super().write(vals)
        (pricelists | self.pricelist_id)._nka_prices_changed()
        return result

    def unlink(self):
        pricelists = self.pricelist_id
        result = super().unlink()
        pricelists._nka_prices_changed()
        return result
