from odoo import models

#: Minimum number of key account records printed at once that is logged as an export.
BULK = 2


class IrActionsReport(models.Model):
    """Count printed records as read, for HTML, text and PDF reports.

    Access to orders, quotations and invoices follows Odoo's own rules. They are counted
    here if their client is a key account, and logged if several are printed at once.
    """

    _inherit = "ir.actions.report"

    def _render_qweb_html(self, report_ref, docids, data=None):
        printing = self._count_printing(report_ref, docids)
        return super(IrActionsReport, printing)._render_qweb_html(
            report_ref, docids, data=data
        )

    def _render_qweb_text(self, report_ref, docids, data=None):
        printing = self._count_printing(report_ref, docids)
        return super(IrActionsReport, printing)._render_qweb_text(
            report_ref, docids, data=data
        )

    def _render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        printing = self._count_printing(report_ref, res_ids)
        return super(IrActionsReport, printing)._render_qweb_pdf(
            report_ref, res_ids=res_ids, data=data
        )

    def _count_printing(self, report_ref, docids):
        """Count the key account records to be printed as read by the current user.

        Odoo also prints as superuser on behalf of users.

        :return: this model, in a context that isn't counted again
        """
        mixin = self.env["nka.read.mixin"]
        if (
            mixin._is_inside()
            or not docids
            or not self.env["nka.reading"]._is_watched()
        ):
            return self
        report = self._get_report(report_ref)
        numbers = [docids] if isinstance(docids, int) else list(docids)
        records = self.env[report.model].browse(numbers) if report.model else None
        printed = records.exists()._printed_of_clients() if records else ()
        # Recorded first: on a replica this fails, and Odoo starts the request again.
        if len(printed) >= BULK:
            name = report.sudo().name
            printed.with_env(self.env)._record_bulk(self.env._("Printed: %s", name))
        if printed:
            readings = self.sudo(False).env["nka.reading"]
            readings._count(len(printed), "print")
            readings._note(printed.with_env(readings.env), "print")
        return self.with_context(**mixin._inside().env.context)
