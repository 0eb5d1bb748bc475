from odoo import fields, models


class GatePass(models.TransientModel):
    """Wizard that asks a supervisor for the reason of a gate override."""

    _name = "nka.gate.pass"
    _inherit = ["nka.known.mixin"]
    _description = "Override the gate for a deal"

    lead_id = fields.Many2one("crm.lead", "Deal", required=True, readonly=True)
    stage_id = fields.Many2one("crm.stage", required=True)
    reason = fields.Text(required=True)

    def action_apply(self):
        """Move the deal on behalf of the user who entered the reason."""
        self.ensure_one()
        self.lead_id.action_let_through(self.stage_id.id, self.reason)
        return {"type": "ir.actions.act_window_close"}
