from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..models.close.res_company import SETTINGS
from ..models.trail.roles import ADMIN


class Settings(models.TransientModel):
    """The settings of a company, for whoever configures key accounts and nothing else.

    Odoo's own settings are for administrators of the whole database. Here are the same
    fields of the company; they are read and written as superuser, these only.
    """

    _name = "nka.settings"
    _description = "Settings of key accounts"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    nka_cadence_days = fields.Integer(
        related="company_id.nka_cadence_days", readonly=False
    )
    nka_credit_share = fields.Float(
        related="company_id.nka_credit_share", readonly=False
    )
    nka_credit_days = fields.Integer(
        related="company_id.nka_credit_days", readonly=False
    )
    nka_health_fall = fields.Integer(
        related="company_id.nka_health_fall", readonly=False
    )
    nka_season_months = fields.Integer(
        related="company_id.nka_season_months", readonly=False
    )
    nka_structure_id = fields.Many2one(
        related="company_id.nka_structure_id", readonly=False
    )
    nka_payslip_direct = fields.Integer(
        related="company_id.nka_payslip_direct", readonly=False
    )
    nka_payslip_batch = fields.Integer(
        related="company_id.nka_payslip_batch", readonly=False
    )
    nka_mail_statements = fields.Boolean(
        related="company_id.nka_mail_statements", readonly=False
    )
    nka_mail_private = fields.Boolean(
        related="company_id.nka_mail_private", readonly=False
    )
    nka_csv_delimiter = fields.Selection(
        related="company_id.nka_csv_delimiter", readonly=False
    )
    nka_csv_bom = fields.Boolean(related="company_id.nka_csv_bom", readonly=False)
    nka_entry_journal_id = fields.Many2one(
        related="company_id.nka_entry_journal_id", readonly=False
    )
    nka_fixed_account_id = fields.Many2one(
        related="company_id.nka_fixed_account_id", readonly=False
    )
    nka_soft_account_id = fields.Many2one(
        related="company_id.nka_soft_account_id", readonly=False
    )
    nka_bonus_account_id = fields.Many2one(
        related="company_id.nka_bonus_account_id", readonly=False
    )
    nka_carry_account_id = fields.Many2one(
        related="company_id.nka_carry_account_id", readonly=False
    )
    nka_payable_account_id = fields.Many2one(
        related="company_id.nka_payable_account_id", readonly=False
    )
    nka_amount_change = fields.Float(
        related="company_id.nka_amount_change", readonly=False
    )
    nka_read_limit = fields.Integer(related="company_id.nka_read_limit", readonly=False)

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
        return {name: value for name, value in vals.items() if name not in SETTINGS}

    # ------------------------------------------------------------ checks
    def _check_configurable(self):
        """Settings are an administrator's, in the companies he works in.

        :raise AccessError: for other roles, or another company
        """
        if not self.env.user.has_group(ADMIN):
            raise AccessError(
                self.env._(
                    "Key accounts are configured by their administrator only. Ask "
                    "yours; nothing was changed."
                )
            )
        if self.company_id not in self.env.companies:
            raise AccessError(
                self.env._(
                    "Switch to %s first to configure it; nothing was changed.",
                    self.company_id.sudo().name,
                )
            )

    # ------------------------------------------------------------ actions
    def action_save(self):
        """Keep what was entered, and say so."""
        self.ensure_one()
        self._check_configurable()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The settings are saved."),
            },
        }

    # ------------------------------------------------------------ business
    def _apply(self, vals):
        """Write settings to the company; its constraints hold there."""
        self._check_configurable()
        changed = {name: vals[name] for name in SETTINGS if name in vals}
        if changed:
            self.company_id.sudo().write(changed)
            self.env.flush_all()
            self.invalidate_recordset()
