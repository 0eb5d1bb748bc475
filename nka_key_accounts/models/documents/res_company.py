from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_amount_change = fields.Float(
        "Expected revenue changes on record from (%)",
        default=10.0,
        help="A change of a key deal's expected revenue by more than this share is "
        "kept in the audit trail.",
    )
    nka_read_limit = fields.Integer(
        "Records of key accounts a person may read in an hour",
        default=5000,
        help="0 for no limit. Beyond it reading stops until the hour is over, and the "
        "supervisors see it in the audit trail.",
    )

    _nka_control_positive = models.Constraint(
        "CHECK(nka_amount_change >= 0 AND nka_read_limit >= 0)",
        "Limits can't be negative.",
    )
