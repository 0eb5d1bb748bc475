from odoo import api, models


class ReportPayStatement(models.AbstractModel):
    """Values of the printed statement; checks access however the report is called."""

    _name = "report.nka_key_accounts.report_pay_statement"
    _description = "Compensation statement report"

    @api.model
    def _get_report_values(self, docids, data=None):
        statements = self.env["nka.pay.statement"].browse(docids)
        statements.check_access("read")
        statements._check_printable()
        return {
            "doc_ids": docids,
            "doc_model": statements._name,
            "docs": statements,
        }
