from odoo import models


class IrActionsReport(models.Model):
    """Leave the mark of the secrecy regime off job offers: they are for candidates."""

    _inherit = "ir.actions.report"

    def _is_marked(self):
        return self.model != "nka.job.offer" and super()._is_marked()
