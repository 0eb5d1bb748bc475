from odoo import fields, models


class HandoverLine(models.Model):
    _inherit = "nka.handover.line"

    kind = fields.Selection(
        selection_add=[
            ("commitment", "Commitment"),
            ("contribution", "Contribution asked"),
            ("concession", "Concession"),
        ],
        ondelete={
            "commitment": "cascade",
            "contribution": "cascade",
            "concession": "cascade",
        },
    )
