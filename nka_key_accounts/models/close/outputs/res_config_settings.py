from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    nka_season_months = fields.Integer(
        related="company_id.nka_season_months", readonly=False
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
