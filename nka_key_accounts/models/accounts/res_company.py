from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_cadence_days = fields.Integer(
        "Default contact cadence (days)", default=30, nka_setting=True
    )
    nka_credit_share = fields.Float(
        "Default share for earlier orders (%)",
        digits=(5, 2),
        nka_setting=True,
    )
    nka_credit_days = fields.Integer("Default days of the split", nka_setting=True)
    nka_health_fall = fields.Integer(
        "Alarming fall of health", default=15, nka_setting=True
    )

    _nka_cadence_positive = models.Constraint(
        "CHECK(nka_cadence_days >= 1)",
        "Give the contact cadence in days, one or more.",
    )
    _nka_health_fall_positive = models.Constraint(
        "CHECK(nka_health_fall BETWEEN 1 AND 100)",
        "A fall of the health is told in points, from 1 to 100.",
    )
    _nka_credit_range = models.Constraint(
        "CHECK(nka_credit_share BETWEEN 0 AND 100 AND nka_credit_days >= 0)",
        "A share lies between 0 and 100 percent, and days can't be negative.",
    )
