from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_week_mail = fields.Boolean(
        "Weekly mail to directors",
        default=True,
        help="On Mondays, directors receive the five figures of key accounts that "
        "changed most and the accounts behind them. Nothing is sent if nothing changed.",
        nka_setting=True,
    )
