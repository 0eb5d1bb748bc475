from odoo import fields, models


class SettingsMixin(models.AbstractModel):
    _inherit = "nka.settings.mixin"

    nka_answer_months = fields.Integer(
        related="company_id.nka_answer_months", readonly=False
    )
