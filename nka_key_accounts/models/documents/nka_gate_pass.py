from odoo import fields, models


class GatePass(models.TransientModel):
    """Asks a supervisor why a deal may pass a gate once."""

    _name = "nka.gate.pass"
    _inherit = ["nka.known.mixin"]
    _description = "Override the gate for a deal"

    lead_id = fields.Many2one("crm.lead", "Deal", required=True, readonly=True)
    stage_id = fields.Many2one("crm.stage", required=True)
    reason = fields.Text(required=True)

    def action_apply(self):
        """Move the deal as the person who answers."""
        self.ensure_one()
        self.lead_id.action_let_through(self.stage_id.id, self.reason)
        return {"type": "ir.actions.act_window_close"}
