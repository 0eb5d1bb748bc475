from odoo import fields, models

from ..deals.crm_lead import ROLES


class CrmLead(models.Model):
    """Competitors in a deal."""

    _inherit = "crm.lead"

    competitor_presence_ids = fields.One2many(
        "nka.competitor.presence", "lead_id", "Competitors", groups=ROLES
    )

    # ------------------------------------------------------------ overrides of Odoo
    def action_unarchive(self):
        """Clear the winner, because a reopened deal isn't lost to anyone."""
        lost = self.sudo().filtered(lambda lead: lead.won_status == "lost")
        result = super().action_unarchive()
        winners = lost.competitor_presence_ids.filtered("is_winner")
        winners.write({"is_winner": False})
        return result

    def _merge_dependences(self, opportunities):
        """Move competitors to the remaining deal, each of them once."""
        result = super()._merge_dependences(opportunities)
        merged = opportunities.sudo().filtered("key_account_id")
        if merged:
            self.sudo()._take_over_competitors(merged)
        return result

    def _take_over_competitors(self, leads):
        known = self.competitor_presence_ids.competitor_id
        for presence in leads.competitor_presence_ids:
            if presence.competitor_id not in known:
                known |= presence.competitor_id
                presence.lead_id = self
