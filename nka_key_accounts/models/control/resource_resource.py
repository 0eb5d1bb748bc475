from odoo import models


class ResourceResource(models.Model):
    """Time off of somebody who is deleted goes with them."""

    _inherit = "resource.resource"

    # ------------------------------------------------------------ CRUD
    def unlink(self):
        """Without its owner, the database would leave it as a holiday for all."""
        own = self.env["resource.calendar.leaves"].sudo()
        own.search([("resource_id", "in", self.ids)]).unlink()
        return super().unlink()
