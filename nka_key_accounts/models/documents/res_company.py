from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_amount_change = fields.Float(
        "Log expected revenue changes above (%)",
        default=10.0,
        help=(
            "Changes to a key account deal's expected revenue above this percentage "
            "are recorded in the audit trail."
        ),
        nka_setting=True,
    )

    _nka_control_positive = models.Constraint(
        "CHECK(nka_amount_change >= 0 AND nka_read_limit >= 0)",
        "Limits can't be negative.",
    )
