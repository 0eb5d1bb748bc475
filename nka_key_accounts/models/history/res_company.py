from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_history_date = fields.Datetime("Sales history as of", readonly=True)
