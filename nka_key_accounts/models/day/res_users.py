from contextlib import contextmanager

from odoo import api, models

from ..trail.roles import MANAGER, PAYROLL_OFFICER


class ResUsers(models.Model):
    """Open the desk of a user's role after login, unless they chose another home action.

    The desk is a home action like any other, so users can change it in their
    preferences.
    """

    _inherit = "res.users"

    # ------------------------------------------------------------ roles
    @api.model
    def _role_desks(self):
        """Hook: return groups and the home actions of their members.

        The first group that a user belongs to decides: others wait for supervisors,
        clients for managers, and settings can wait.

        :return: (external id of a group, external id of an action) for each
        :rtype: list[tuple[str, str]]
        """
        return [
            (MANAGER, "nka_key_accounts.nka_day_action_open"),
            (PAYROLL_OFFICER, "nka_key_accounts.nka_month_close_action_desk"),
        ]

    @api.model
    @contextmanager
    def _watched_roles(self):
        """Move users whose desk changes to the new one."""
        before = self._desks_by_user()
        with super()._watched_roles():
            yield
        self._move_to_desks(before, self._desks_by_user())

    @api.model
    def _desks_by_user(self):
        """Return the desk of each user who has one.

        :return: ids of home actions by user id
        :rtype: dict[int, int]
        """
        find = self.env["ir.model.data"]._xmlid_to_res_id
        desks = {find(group): find(action) for group, action in self._role_desks()}
        groups = self.env["res.groups"].sudo().browse(filter(None, desks))
        holders = self._group_holders(groups)
        found = {}
        for group_id, action_id in desks.items():
            for user_id in holders.get(group_id, ()) if action_id else ():
                found.setdefault(user_id, action_id)
        return found

    @api.model
    def _move_to_desks(self, before, after):
        """Set home actions that weren't chosen by the users themselves.

        An empty home action, and the desk of the previous role, were not chosen.

        :param dict before: ids of home actions by user id, before the change of roles
        :param dict after: the same after the change
        """
        moved = {
            user_id
            for user_id in before.keys() | after.keys()
            if before.get(user_id) != after.get(user_id)
        }
        users = self.sudo().with_context(active_test=False).browse(sorted(moved))
        for user in users.exists():
            if user.action_id.id in (False, before.get(user.id)):
                user.action_id = after.get(user.id, False)

    @api.model
    def _set_up_desks(self):
        """Set the desks of all users who have a role, for databases that had none."""
        self._move_to_desks({}, self._desks_by_user())
