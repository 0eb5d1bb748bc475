from odoo import models


class IrActionsReport(models.Model):
    """Refuse to print quotations that wait for the approval of their discount."""

    _inherit = "ir.actions.report"

    def _get_rendering_context(self, report, docids, data):
        if report.model == "sale.order" and docids:
            orders = self.env["sale.order"].sudo().browse(docids).exists()
            orders._nka_check_leaving()
        return super()._get_rendering_context(report, docids, data)
