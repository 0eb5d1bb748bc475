from odoo import models


class ResPartner(models.Model):
    """Whoever has left the client decides nothing there any more."""

    _inherit = "res.partner"

    def _follow_activation(self, active):
        people = self.env["nka.stakeholder"].sudo()
        people.search(
            [("partner_id", "in", self.ids), ("active", "!=", active)]
        ).active = active
        return super()._follow_activation(active)
