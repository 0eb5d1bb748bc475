from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    nka_amount_change = fields.Float(
        related="company_id.nka_amount_change", readonly=False
    )
    nka_read_limit = fields.Integer(related="company_id.nka_read_limit", readonly=False)
