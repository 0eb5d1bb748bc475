"""Restrictions on shared filters and embedded actions in the addon's lists and
pages.
"""

from odoo import api, models
from odoo.exceptions import AccessError

from ..trail.base import ADDON
from ..trail.confined import is_confined
from ..trail.roles import ADMIN, SUPERVISOR


class IrFilters(models.Model):
    """Prevent shared filters from hiding records from supervisors.

    A user could share a filter and make it the default, so that the audit trail opens
    without certain events. In the addon's lists, only supervisors and administrators
    can share filters, and a shared filter can't be the default.
    """

    _inherit = "ir.filters"

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        filters = super().create(vals_list)
        filters._check_control_lists()
        return filters

    def write(self, vals):
        self._check_control_lists()
        result = super().write(vals)
        self._check_control_lists()
        return result

    def unlink(self):
        self._check_control_lists()
        return super().unlink()

    # ------------------------------------------------------------ reading
    @api.model
    def get_filters(
        self,
        model,
        action_id=None,
        embedded_action_id=None,
        embedded_parent_res_id=None,
    ):
        """Return filters; in the addon's lists, only a user's own can be a default."""
        rows = super().get_filters(
            model, action_id, embedded_action_id, embedded_parent_res_id
        )
        if self._is_control_list(model, action_id):
            for row in rows:
                row["is_default"] = row["is_default"] and self._is_own(row["id"])
        return rows

    @api.model
    def _is_own(self, number):
        row = self.sudo().browse(number)
        return row.user_ids.ids == [self.env.uid] and all(
            person.id == self.env.uid for person in (row.create_uid, row.write_uid)
        )

    # ------------------------------------------------------------ checks
    def _check_control_lists(self):
        """Refuse filters shared in the addon's lists, as described for the class.

        :raise AccessError: for shared default filters, and for users without those
            roles
        """
        if self.env.su:
            return
        for row in self.sudo():
            if row.user_ids.ids == [self.env.uid]:
                continue
            if not self._is_control_list(row.model_id, row.action_id.id):
                continue
            if row.is_default:
                raise AccessError(
                    self.env._(
                        "A search shared with others can't be the default filter in "
                        "lists of key accounts, because it would hide their records. "
                        "Save it without “Default filter”."
                    )
                )
            if not self.env.user.has_groups(f"{SUPERVISOR},{ADMIN}"):
                raise AccessError(
                    self.env._(
                        "Only supervisors and administrators can save, change or "
                        "delete searches shared with others in lists of key accounts. "
                        "Save the search only for yourself."
                    )
                )

    @api.model
    def _is_control_list(self, model, action_id):
        """Return whether a list shows the addon's records or is one of its actions."""
        if is_confined(model):
            return True
        action = self.env["ir.actions.actions"].sudo().browse(action_id or ()).exists()
        if not action:
            return False
        # External ids refer to the concrete action model, not to
        # ``ir.actions.actions``.
        names = self.env[action.type].sudo().browse(action.id)._get_external_ids()
        return any(name.startswith(ADDON) for name in names[action.id])


class IrEmbeddedActions(models.Model):
    """Prevent users from adding embedded actions to key account pages of other users.

    Such a button runs any method of the record as the user who clicks it, for example
    an approval under a harmless label.
    """

    _inherit = "ir.embedded.actions"

    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        actions._check_own_page()
        return actions

    def write(self, vals):
        self._check_own_page()
        result = super().write(vals)
        self._check_own_page()
        return result

    def _check_own_page(self):
        if self.env.su:
            return
        for action in self.sudo():
            models_ = (action.parent_res_model, action.parent_action_id.res_model)
            if any(map(is_confined, models_)) and action.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "On pages of key accounts, you can add actions only for "
                        "yourself. Save it without sharing it."
                    )
                )
