from odoo import api, models

from ..trail.roles import DIRECTOR


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _role_desks(self):
        """Open the overview for directors; a supervisor's queue comes first."""
        return [
            *super()._role_desks(),
            (DIRECTOR, "nka_key_accounts.nka_overview_action_open"),
        ]
