from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Clients change by bare SQL here: what is known of them is forgotten, and the
    orders that come to another client are looked at.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        orders = self.env["res.partner"].browse(partner_ids).exists()._orders_below()
        with orders._nka_watched():
            result = super()._merge(partner_ids, dst_partner, extra_checks)
            self.env.registry.clear_cache()
            self.env.invalidate_all()
        return result
