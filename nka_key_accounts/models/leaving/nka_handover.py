from odoo import fields, models

from ..trail.roles import ADMIN, SUPERVISOR


class Handover(models.Model):
    _inherit = "nka.handover"
    _guarded_fields = ("departure_id",)

    departure_id = fields.Many2one(
        "nka.departure",
        "Departure",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups=f"{SUPERVISOR},{ADMIN}",
        help="Drafted because the outgoing manager leaves. They see the handover once it "
        "is submitted.",
    )
