from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_read_limit = fields.Integer(
        "Key account records a user may read per hour",
        default=5000,
        help="Once the limit is reached, reading is blocked for key account managers, "
        "supervisors, directors and administrators for the rest of the hour, and supervisors "
        "see it in the audit trail. Payroll officers are counted but never blocked; "
        "users without a role aren't counted. 0 = no limit.",
        nka_setting=True,
    )
