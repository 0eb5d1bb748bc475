from odoo import models


class IrActionsReport(models.Model):
    """Keep people's own pay open to them while other prints are closed."""

    _inherit = "ir.actions.report"

    def _count_printing(self, report_ref, docids):
        mixin = self.env["nka.read.mixin"]
        if mixin._is_inside() or not self._prints_own_pay(report_ref, docids):
            return super()._count_printing(report_ref, docids)
        return self.with_context(**mixin._inside().env.context)

    def _prints_own_pay(self, report_ref, docids):
        """Return whether a person whose prints are closed prints their own statement."""
        report = self._get_report(report_ref)
        if report.model != "nka.pay.statement" or not docids:
            return False
        readings = self.env["nka.reading"]
        restrictions = self.env["nka.reading.restriction"]
        own = restrictions._in_force(self.env.user, readings._today())
        if not any(own.mapped("is_print_closed")):
            return False
        numbers = [docids] if isinstance(docids, int) else list(docids)
        statements = self.env[report.model].sudo().browse(numbers).exists()
        return statements.user_id == self.env.user
