from odoo import models


class ResourceResource(models.Model):
    """Delete the time off of deleted resources."""

    _inherit = "resource.resource"

    # ------------------------------------------------------------ CRUD
    def unlink(self):
        """Delete the time off first.

        The database would only clear its resource, which makes it a holiday for
        everyone.
        """
        own = self.env["resource.calendar.leaves"].sudo()
        own.search([("resource_id", "in", self.ids)]).unlink()
        return super().unlink()
