from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_read_limit = fields.Integer(
        "Key account records a user may read per hour",
        default=5000,
        help="0 for no limit. Beyond it reading stops for managers, supervisors and "
        "administrators of key accounts until the hour is over, and the supervisors see it "
        "in the audit trail. Colleagues without such a role are counted and never stopped.",
        nka_setting=True,
    )
