from odoo import api, models

from ..trail.roles import DIRECTOR, SUPERVISOR


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _role_desks(self):
        """Open their desk for supervisors, who come first, and the overview for
        directors.
        """
        return [
            (SUPERVISOR, "nka_key_accounts.nka_desk_action_open"),
            *super()._role_desks(),
            (DIRECTOR, "nka_key_accounts.nka_overview_action_open"),
        ]
