"""What a list of control shows first is for whoever reads it to choose."""

from odoo import api, models
from odoo.exceptions import AccessError

from ..trail.base import ADDON
from ..trail.confined import is_confined
from ..trail.roles import ADMIN, SUPERVISOR


class IrFilters(models.Model):
    """A saved search of somebody else hides nothing from a supervisor.

    Whoever made one for all could make it the default, and the audit trail would open
    without the events they had rather nobody saw. Searches for all are made by who looks
    after the lists, and none of them opens by itself.
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
        """As Odoo does; on lists of ours only one's own search opens by itself."""
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
        """Refuse what others would find in lists of ours."""
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
        """Whether a list shows records of ours, or is opened by a menu of ours."""
        if is_confined(model):
            return True
        action = self.env["ir.actions.actions"].sudo().browse(action_id or ()).exists()
        if not action:
            return False
        # Names are kept of the kind of action, which this table only gathers.
        names = self.env[action.type].sudo().browse(action.id)._get_external_ids()
        return any(name.startswith(ADDON) for name in names[action.id])


class IrEmbeddedActions(models.Model):
    """Nobody puts a button on a colleague's page of key accounts.

    It runs any method of the record in the name of whoever presses it: an approval under
    a harmless name, for one.
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
