from odoo import api, models
from odoo.tools import ormcache

#: Fields that decide whether an account limits discounts, and how.
LIMITING = {"state", "tier_id", "partner_id", "company_id"}


class KeyAccountOffer(models.Model):
    """Limits of discounts, known without a query: key accounts are few."""

    _inherit = "nka.key.account"

    @api.model
    @ormcache()
    def _discount_limits(self):
        """Limits in percent by client and company, of key accounts that have one.

        :rtype: dict[tuple[int, int], float]
        """
        accounts = (
            self.sudo()
            .with_context(active_test=False)
            .search_fetch(
                [("state", "=", "key"), ("tier_id.discount_limit", "<", 100)],
                ["partner_id", "company_id", "tier_id"],
            )
        )
        return {
            (account.partner_id.id, account.company_id.id): (
                account.tier_id.discount_limit
            )
            for account in accounts
        }

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(LIMITING):
            self.env.registry.clear_cache()
        return result


class TierOffer(models.Model):
    _inherit = "nka.tier"

    def write(self, vals):
        result = super().write(vals)
        if "discount_limit" in vals:
            self.env.registry.clear_cache()
        return result


class PartnerMergeOffer(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Clients change by bare SQL here."""
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        self.env.registry.clear_cache()
        return result
