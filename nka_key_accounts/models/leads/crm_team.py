from odoo import models
from odoo.fields import Domain


class CrmTeam(models.Model):
    """Rule-based assignment spreads leads over a team; key leads aren't spread."""

    _inherit = "crm.team"

    def _allocate_leads_deduplicate(self, leads, duplicates_cache=None):
        """Give leads of key accounts to the account's manager, the others as ever."""
        key_leads = leads._of_key_accounts()
        key_leads._assign_to_account_manager()
        result = super()._allocate_leads_deduplicate(
            leads - key_leads, duplicates_cache
        )
        result["assigned"] |= set(key_leads.ids)
        return result

    def _get_lead_to_assign_domain(self):
        others = Domain("key_account_id", "=", False) | Domain(
            "key_account_id.state", "!=", "key"
        )
        return Domain(super()._get_lead_to_assign_domain()) & others
