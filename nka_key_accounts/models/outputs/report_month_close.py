from odoo import api, models
from odoo.tools import formatLang


class ReportMonthRegister(models.AbstractModel):
    """Pay register of a month. Every rendering is logged, however it is requested."""

    _name = "report.nka_key_accounts.report_month_register"
    _description = "Pay register of a month"

    @api.model
    def _get_report_values(self, docids, data=None):
        return self._prepare_values(docids, "register", "nka.pay.statement")

    @api.model
    def _prepare_values(self, docids, kind, model):
        closes = self.env["nka.month.close"].browse(docids)
        for close in closes:
            close._check_output(is_final=False)
            count = len(close._sorted_statements())
            note = f"{model}: PDF; {count} statements"
            close._record_output(close._file_name(kind, "pdf"), note)
        return {
            "doc_ids": docids,
            "doc_model": closes._name,
            "docs": closes,
            "money": self._money,
        }

    @api.model
    def _money(self, amount, currency):
        """Return an amount in the user's number format, without currency symbol."""
        # Half a cent is rounded as on the screens: formatLang would round it to even.
        rounded = currency.round(float(amount))
        return formatLang(self.env, rounded, currency.decimal_places)


class ReportMonthVariance(models.AbstractModel):
    """Variances of a month, as a report."""

    _name = "report.nka_key_accounts.report_month_variance"
    _inherit = ["report.nka_key_accounts.report_month_register"]
    _description = "Variances of a month"

    @api.model
    def _get_report_values(self, docids, data=None):
        return self._prepare_values(docids, "variance", "nka.pay.variance")
