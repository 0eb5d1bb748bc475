from odoo import api, models


class ReadMixin(models.AbstractModel):
    _inherit = "nka.read.mixin"

    @api.model
    def _may_export(self):
        """Close exports to leavers, whatever their role."""
        return super()._may_export() and not self.env["nka.departure"]._is_closed()
