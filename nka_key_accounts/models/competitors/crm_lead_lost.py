from odoo import api, fields, models

from ..deals.crm_lead import ROLES


class CrmLeadLost(models.TransientModel):
    """Losing a key deal asks to whom; the answer may stay empty."""

    _inherit = "crm.lead.lost"

    is_key_deal = fields.Boolean("Key account deal", compute="_compute_is_key_deal")
    competitor_id = fields.Many2one(
        "nka.competitor",
        "Lost to",
        groups=ROLES,
        help="Leave empty if no competitor won the deal or the winner isn't known.",
    )

    @api.depends("lead_ids")
    def _compute_is_key_deal(self):
        for wizard in self:
            wizard.is_key_deal = bool(wizard.lead_ids.sudo().key_account_id)

    def action_lost_reason_apply(self):
        """Note the winner before the loss: afterwards the deal may be out of sight."""
        competitor = self.sudo().competitor_id
        if competitor:
            deals = self.lead_ids.filtered(lambda lead: lead.sudo().key_account_id)
            self.env["nka.competitor.presence"]._note_winner(deals, competitor)
        return super().action_lost_reason_apply()
