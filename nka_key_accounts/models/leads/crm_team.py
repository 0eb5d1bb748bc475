from odoo import models
from odoo.fields import Domain


class CrmTeam(models.Model):
    """Keep leads of key accounts out of rule-based assignment within a team."""

    _inherit = "crm.team"

    def _allocate_leads_deduplicate(self, leads, duplicates_cache=None):
        """Assign leads of key accounts to the account's manager, others as usual."""
        key_leads = leads._of_key_accounts()
        key_leads._assign_to_account_manager()
        result = super()._allocate_leads_deduplicate(
            leads - key_leads, duplicates_cache
        )
        result["assigned"] |= set(key_leads.ids)
        return result

    def _action_assign_leads(self, force_quota=False, creation_delta_days=7):
        """First assign waiting leads of key accounts to the account's manager."""
        self._waiting_key_leads()._assign_to_account_manager()
        return super()._action_assign_leads(force_quota, creation_delta_days)

    def _waiting_key_leads(self):
        return (
            self.env["crm.lead"]
            .sudo()
            .search(
                [
                    ("team_id", "in", self.ids),
                    ("user_id", "=", False),
                    ("date_open", "=", False),
                    ("key_account_id.state", "=", "key"),
                ]
            )
        )

    def _get_lead_to_assign_domain(self):
        """Exclude leads of key accounts.

        Searches accounts as superuser: sales administrators can't read them.
        """
        accounts = self.env["nka.key.account"].sudo()._search([("state", "=", "key")])
        others = Domain("key_account_id", "=", False) | Domain(
            "key_account_id", "not in", accounts.subselect("id")
        )
        return Domain(super()._get_lead_to_assign_domain()) & others
