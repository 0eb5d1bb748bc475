from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..trail.roles import ADMIN


class Settings(models.TransientModel):
    """Settings of a company, for key account administrators.

    Odoo's own settings require administrator rights on the whole database. This page
    has the same fields of the company; only these are read and written as superuser.
    """

    _name = "nka.settings"
    _inherit = "nka.settings.mixin"
    _description = "Key account settings"

    company_id = fields.Many2one(readonly=True, ondelete="cascade")

    @api.depends_context("lang")
    def _compute_display_name(self):
        for settings in self:
            settings.display_name = self.env._("Settings")

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        made = super().create([self._own_vals(vals) for vals in vals_list])
        for settings, vals in zip(made, vals_list, strict=True):
            settings._apply(vals)
        return made

    def write(self, vals):
        result = super().write(self._own_vals(vals))
        for settings in self:
            settings._apply(vals)
        return result

    @api.model
    def _own_vals(self, vals):
        settings = self.env["res.company"]._nka_settings()
        return {name: value for name, value in vals.items() if name not in settings}

    # ------------------------------------------------------------ checks
    def _check_configurable(self):
        """Check that the user is a key account administrator and works in the company.

        :raise AccessError: for other roles, or another company
        """
        if not self.env.user.has_group(ADMIN):
            raise AccessError(
                self.env._(
                    "Only a key account administrator can change these settings. Ask "
                    "one of them."
                )
            )
        if self.company_id not in self.env.companies:
            raise AccessError(
                self.env._(
                    "Switch to %s first to configure it.",
                    self.company_id.sudo().name,
                )
            )

    # ------------------------------------------------------------ actions
    def action_save(self):
        """Show that the settings were saved. The values are stored by ``write``.

        :return: the action that shows the notification
        :raise AccessError: if the user can't configure the company
        """
        self.ensure_one()
        self._check_configurable()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Settings saved."),
            },
        }

    # ------------------------------------------------------------ business
    def _apply(self, vals):
        """Write settings to the company, where its constraints apply."""
        self._check_configurable()
        settings = self.env["res.company"]._nka_settings()
        changed = {name: value for name, value in vals.items() if name in settings}
        if changed:
            self.company_id.sudo().write(changed)
            self.env.flush_all()
            self.invalidate_recordset()
