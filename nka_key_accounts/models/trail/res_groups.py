from odoo import api, models

#: Fields that determine the members of a group, from both sides of an implication.
MEMBERS = {"user_ids", "all_user_ids", "implied_ids", "implied_by_ids"}


class ResGroups(models.Model):
    """Log every change of who has a role of the addon, however it is made."""

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
        """Log the users who lose a role because an implying group is deleted.

        The roles themselves can be deleted only with the addon, since access rights
        reference them.
        """
        users = self.env["res.users"]
        if self <= users._role_groups():
            return super().unlink()
        with users._watched_roles():
            return super().unlink()
