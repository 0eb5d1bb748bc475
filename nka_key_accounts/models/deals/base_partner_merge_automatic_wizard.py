from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Check orders that move to another client when contacts are merged.

    A merge writes with SQL, so the caches of clients are cleared before the check.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        orders = self.env["res.partner"].browse(partner_ids).exists()._orders_below()
        with orders._nka_watched():
            result = super()._merge(partner_ids, dst_partner, extra_checks)
            self.env.registry.clear_cache()
            self.env.invalidate_all()
        return result
