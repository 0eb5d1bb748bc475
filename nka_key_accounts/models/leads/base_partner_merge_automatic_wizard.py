from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Check merges of clients: Odoo moves the foreign keys with SQL, past the ORM."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].browse(partner_ids).exists()
        partners._check_merge_of_clients()
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        partners.exists()._leads_of_clients()._find_key_account()
        return result
