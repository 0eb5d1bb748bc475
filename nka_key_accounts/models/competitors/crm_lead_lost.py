from odoo import api, fields, models

from ..deals.crm_lead import ROLES


class CrmLeadLost(models.TransientModel):
    """Ask to whom a key account deal was lost; the answer is optional."""

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
        """Record the winner first: the loss can hide the deal from the user."""
        competitor = self.sudo().competitor_id
        if competitor:
            deals = self.lead_ids.filtered(lambda lead: lead.sudo().key_account_id)
            self.env["nka.competitor.presence"]._note_winner(deals, competitor)
        return super().action_lost_reason_apply()
