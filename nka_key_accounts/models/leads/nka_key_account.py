from odoo import api, models


class KeyAccountLeads(models.Model):
    """Leads that were there before the account follow it."""

    _inherit = "nka.key.account"

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        accounts._adopt_leads()
        return accounts

    def _adopt_leads(self):
        """Let the leads of these clients, and only those, find their account."""
        self.partner_id._leads_of_clients()._find_key_account()
