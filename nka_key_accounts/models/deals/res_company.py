from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_order_without_deal = fields.Selection(
        [
            ("off", "Nobody is told"),
            ("tell", "Tell the supervisor"),
            ("block", "Can't be confirmed"),
        ],
        "Order of a key account without a deal",
        default="tell",
        required=True,
        help="An order of a key account belongs to one of its deals, so that the gates "
        "of the stages are asked before it is won.",
        nka_setting=True,
    )
