from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

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
