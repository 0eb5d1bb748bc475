from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    nka_structure_id = fields.Many2one(
        related="company_id.nka_structure_id", readonly=False
    )
    nka_payslip_batch = fields.Integer(
        related="company_id.nka_payslip_batch", readonly=False
    )
    nka_payslip_direct = fields.Integer(
        related="company_id.nka_payslip_direct", readonly=False
    )
