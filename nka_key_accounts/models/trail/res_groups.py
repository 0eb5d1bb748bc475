from odoo import api, models

#: Fields of a group that decide who is in it, from either end of an implication.
MEMBERS = {"user_ids", "all_user_ids", "implied_ids", "implied_by_ids"}


class ResGroups(models.Model):
    """Who gets a role of the addon is on record, whichever way they get it."""

    _inherit = "res.groups"

    @api.model_create_multi
    def create(self, vals_list):
        with self.env["res.users"]._watched_roles():
            return super().create(vals_list)

    def write(self, vals):
        if vals.keys().isdisjoint(MEMBERS):
            return super().write(vals)
        with self.env["res.users"]._watched_roles():
            return super().write(vals)

    def unlink(self):
        """Whoever has a role by a deleted group loses it, and that is on record too.

        The roles themselves go with the addon only: their rights keep them.
        """
        users = self.env["res.users"]
        if self <= users._role_groups():
            return super().unlink()
        with users._watched_roles():
            return super().unlink()
