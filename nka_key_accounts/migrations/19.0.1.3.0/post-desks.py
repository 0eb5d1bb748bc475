"""Users with a role open its desk after login, unless they chose a home action."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Set the home actions of existing users."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["res.users"]._set_up_desks()
