from odoo import api, fields, models


class SettingsMixin(models.AbstractModel):
    """Settings of a company, for Odoo's settings page and the addon's own one."""

    _name = "nka.settings.mixin"
    _description = "Key account settings"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
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
    nka_money_account_ids = fields.Many2many(
        related="company_id.nka_money_account_ids", readonly=False
    )
    nka_season_months = fields.Integer(
        related="company_id.nka_season_months", readonly=False
    )
    nka_year_month = fields.Selection(
        related="company_id.nka_year_month", readonly=False, required=True
    )
    nka_year_note = fields.Char("Half-years", compute="_compute_nka_year_note")
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
    nka_order_without_deal = fields.Selection(
        related="company_id.nka_order_without_deal", readonly=False
    )
    nka_read_limit = fields.Integer(related="company_id.nka_read_limit", readonly=False)
    nka_reading_kept = fields.Boolean(
        related="company_id.nka_reading_kept", readonly=False
    )
    nka_reading_informed_on = fields.Date(
        related="company_id.nka_reading_informed_on", readonly=False
    )
    nka_reading_notice = fields.Text(
        related="company_id.nka_reading_notice", readonly=False
    )
    nka_reading_days = fields.Integer(
        related="company_id.nka_reading_days", readonly=False
    )
    nka_reading_weeks = fields.Integer(
        related="company_id.nka_reading_weeks", readonly=False
    )
    nka_reading_min_days = fields.Integer(
        related="company_id.nka_reading_min_days", readonly=False
    )
    nka_reading_floor = fields.Integer(
        related="company_id.nka_reading_floor", readonly=False
    )
    nka_reading_told = fields.Float(
        related="company_id.nka_reading_told", readonly=False
    )
    nka_reading_stopped = fields.Float(
        related="company_id.nka_reading_stopped", readonly=False
    )
    nka_departure_days = fields.Integer(
        related="company_id.nka_departure_days", readonly=False
    )
    nka_departure_told = fields.Float(
        related="company_id.nka_departure_told", readonly=False
    )
    nka_departure_stopped = fields.Float(
        related="company_id.nka_departure_stopped", readonly=False
    )
    nka_voice_active = fields.Boolean(
        related="company_id.nka_voice_active", readonly=False
    )
    nka_voice_count = fields.Integer(
        related="company_id.nka_voice_count", readonly=False
    )
    nka_voice_release_days = fields.Integer(
        related="company_id.nka_voice_release_days", readonly=False
    )
    nka_secrecy_required = fields.Boolean(
        related="company_id.nka_secrecy_required", readonly=False
    )
    nka_secrecy_days = fields.Integer(
        related="company_id.nka_secrecy_days", readonly=False
    )
    nka_pages_kept = fields.Boolean(related="company_id.nka_pages_kept", readonly=False)
    nka_pages_informed_on = fields.Date(
        related="company_id.nka_pages_informed_on", readonly=False
    )
    nka_pages_notice = fields.Text(
        related="company_id.nka_pages_notice", readonly=False
    )
    nka_skill_months = fields.Integer(
        related="company_id.nka_skill_months", readonly=False
    )
    nka_week_mail = fields.Boolean(related="company_id.nka_week_mail", readonly=False)

    # ------------------------------------------------------------ compute
    @api.depends("company_id", "nka_year_month")
    @api.depends_context("lang")
    def _compute_nka_year_note(self):
        for settings in self:
            settings.nka_year_note = settings.company_id._nka_say_years()
