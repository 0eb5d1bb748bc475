from odoo import models


class IrHttp(models.AbstractModel):
    """Tells the web client which tours it can offer."""

    _inherit = "ir.http"

    def session_info(self):
        """Add the tours of the user's roles, and whether they are offered now."""
        info = super().session_info()
        if self.env.user._is_internal():
            info["nka_tours"] = self.env["web_tour.tour"]._prepare_nka_tours()
        return info
