from odoo import api, models


class KeyAccount(models.Model):
    """Leads that were there before the account follow it."""

    _inherit = "nka.key.account"

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        # Only the leads of these clients: other people's cost nothing.
        accounts.partner_id._leads_of_clients()._find_key_account()
        return accounts
