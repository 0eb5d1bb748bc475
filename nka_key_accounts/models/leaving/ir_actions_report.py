from odoo import models

#: What people print about their own pay stays open to them.
OWN_PAPERS = ("nka.pay.statement", "nka.pay.agreement")


class IrActionsReport(models.Model):
    """Close prints of key account data to leavers, for HTML, text and PDF reports."""

    _inherit = "ir.actions.report"

    def _count_printing(self, report_ref, docids):
        if docids and self.env["nka.departure"]._is_closed():
            self._check_leaver_prints(report_ref, docids)
        return super()._count_printing(report_ref, docids)

    def _check_leaver_prints(self, report_ref, docids):
        report = self._get_report(report_ref)
        if not report.model or report.model in OWN_PAPERS:
            return
        numbers = [docids] if isinstance(docids, int) else list(docids)
        records = self.env[report.model].browse(numbers).exists()
        printed = records._printed_of_clients()
        if printed:
            printed.with_env(self.env)._refuse_taking(
                self.env._("Print refused to a leaver: %s", report.sudo().name)
            )
