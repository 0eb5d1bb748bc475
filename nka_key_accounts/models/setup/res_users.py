from odoo import api, models

from ..trail.roles import ADMIN

PAGE = "nka_key_accounts.nka_setup_open_action"


class ResUsers(models.Model):
    """Open the setup page for administrators.

    Odoo administrators have other work: they land there until nothing is missing.
    """

    _inherit = "res.users"

    @api.model
    def _role_desks(self):
        return [*super()._role_desks(), (ADMIN, PAGE), ("base.group_system", PAGE)]

    def _leave_setup(self):
        """Give Odoo administrators without a role their own start page back."""
        page_id = self.env["ir.model.data"]._xmlid_to_res_id(PAGE)
        users = self.sudo().with_context(active_test=False)
        landed = users.search([("action_id", "=", page_id)])
        landed.filtered(lambda user: not user.has_group(ADMIN)).action_id = False
