from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_cadence_days = fields.Integer(
        "Default contact cadence (days)", default=30, nka_setting=True
    )
    nka_credit_share = fields.Float(
        "Default share of credit for earlier orders (%)",
        digits=(5, 2),
        nka_setting=True,
    )
    nka_credit_days = fields.Integer(
        "Default days of credit for earlier orders", nka_setting=True
    )
    nka_health_fall = fields.Integer(
        "Health drop that triggers an alert", default=15, nka_setting=True
    )

    _nka_cadence_positive = models.Constraint(
        "CHECK(nka_cadence_days >= 1)",
        "Enter a contact cadence of one day or more.",
    )
    _nka_health_fall_positive = models.Constraint(
        "CHECK(nka_health_fall BETWEEN 1 AND 100)",
        "Enter a health drop between 1 and 100 points.",
    )
    _nka_credit_range = models.Constraint(
        "CHECK(nka_credit_share BETWEEN 0 AND 100 AND nka_credit_days >= 0)",
        "Enter a share between 0 and 100 percent and a number of days of 0 or more.",
    )
