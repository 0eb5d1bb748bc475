from odoo import fields, models


class HandoverLine(models.Model):
    _inherit = "nka.handover.line"

    kind = fields.Selection(
        selection_add=[("plan_action", "Account plan action")],
        ondelete={"plan_action": "cascade"},
    )
