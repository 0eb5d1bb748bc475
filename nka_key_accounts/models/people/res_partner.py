from odoo import models


class ResPartner(models.Model):
    """Archive and restore stakeholders with their contacts."""

    _inherit = "res.partner"

    def _follow_activation(self, active):
        people = self.env["nka.stakeholder"].sudo()
        people.search(
            [("partner_id", "in", self.ids), ("active", "!=", active)]
        ).active = active
        return super()._follow_activation(active)
