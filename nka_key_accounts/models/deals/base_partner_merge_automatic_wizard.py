from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Clients change by bare SQL here."""
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        self.env.registry.clear_cache()
        return result
