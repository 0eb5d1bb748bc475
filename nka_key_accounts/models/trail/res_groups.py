from odoo import api, models


class ResGroups(models.Model):
    """Who gets a role of the addon is on record, whichever way he gets it."""

    _inherit = "res.groups"

    @api.model_create_multi
    def create(self, vals_list):
        with self.env["res.users"]._watched_roles():
            return super().create(vals_list)

    def write(self, vals):
        if vals.keys().isdisjoint({"user_ids", "all_user_ids", "implied_ids"}):
            return super().write(vals)
        with self.env["res.users"]._watched_roles():
            return super().write(vals)
