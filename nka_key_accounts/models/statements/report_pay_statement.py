from odoo import api, models

from . import texts

#: Colors of fixed pay, goal pay and bonus, as on the dashboard of pay.
COLORS = {"fixed": "#90A4AE", "soft": "#43C5B1", "bonus": "#4EA7F2"}


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
            "bars": self._prepare_bars,
        }

    @api.model
    def _prepare_bars(self, statement):
        """Return a bar for each component: paid, with a mark at the agreed amount.

        All bars have the same scale, up to the highest amount.

        :rtype: list[dict]
        """
        shares = statement.shares or ()
        amounts = [
            (max(0.0, float(share["amount"])), float(share["target_amount"]))
            for share in shares
        ]
        highest = max((max(pair) for pair in amounts), default=0.0)
        if not highest:
            return []
        return [
            {
                **said,
                "width": 100 * paid / highest,
                "mark": 100 * agreed / highest,
                "color": COLORS.get(share["component"]),
                "percent_of_target": agreed and round(100 * paid / agreed),
            }
            for share, said, (paid, agreed) in zip(
                shares, texts.shown_shares(statement), amounts, strict=True
            )
        ]
