from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_order_without_deal = fields.Selection(
        [
            ("off", "Do nothing"),
            ("tell", "Notify the supervisor"),
            ("block", "Block the confirmation"),
        ],
        "Key account orders without a deal",
        default="tell",
        required=True,
        help=(
            "Every key account order should belong to a deal, so that the approval "
            "gates apply before the deal is won."
        ),
        nka_setting=True,
    )
