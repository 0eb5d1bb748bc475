from odoo import api, models
from odoo.exceptions import AccessError

from .roles import ROLES

#: Fields that make up an external id and its target.
IDENTITY = {"module", "name", "model", "res_id"}


class IrModelData(models.Model):
    """Prevent external ids of the addon's roles from being reassigned.

    Another group under such an external id would give its members the role without an
    audit event, since :meth:`res.users._watched_roles` sees only group membership.
    Module installation and update don't use these methods.
    """

    _inherit = "ir.model.data"

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        made = super().create(vals_list)
        made._check_no_role()
        return made

    def write(self, vals):
        if IDENTITY.isdisjoint(vals):
            return super().write(vals)
        self._check_no_role()
        result = super().write(vals)
        self._check_no_role()
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        """Allow deletion of the roles' external ids only during uninstallation."""
        if not self._is_addon_leaving():
            # An uninstallation of another module deletes external ids together with
            # their records, and then once more.
            self.exists()._check_no_role()

    # ------------------------------------------------------------ checks
    def _check_no_role(self):
        for row in self.sudo():
            if f"{row.module}.{row.name}" in ROLES:
                raise AccessError(
                    self.env._(
                        "“%s” identifies a key account role and can't be renamed. To "
                        "change who has the role, edit the users' access rights.",
                        row.complete_name,
                    )
                )

    @api.model
    def _is_addon_leaving(self):
        addon = self.env.ref("base.module_nka_key_accounts", raise_if_not_found=False)
        return bool(addon) and addon.sudo().state == "to remove"
