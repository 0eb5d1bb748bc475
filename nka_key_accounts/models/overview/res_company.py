from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_week_mail = fields.Boolean(
        "Weekly mail to directors",
        default=True,
        help="On Mondays, directors receive the five figures of key accounts that "
        "changed most and the accounts behind them, and overdue promises to managers. "
        "Nothing is sent if there is neither.",
        nka_setting=True,
    )
