from odoo import models

from ...pay.border import to_money
from .spreadsheet import to_xlsx

AMOUNTS = ("amount", "previous_amount", "change", "mean_amount", "mean_change")


class MonthCloseVariance(models.Model):
    """What moved against the months before, and why."""

    _inherit = "nka.month.close"

    def action_open_variance(self):
        """Everybody's changes of this month."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.nka_pay_variance_action"
        )
        return {**action, "domain": self._variance_domain(), "context": {}}

    def _variance_domain(self):
        return [("company_id", "=", self.company_id.id), ("month", "=", self.month)]

    def _variances(self):
        """Rows of the month by person and component, the largest of a person first.

        :rtype: nka.pay.variance
        """
        self.env.flush_all()
        rows = self.env["nka.pay.variance"].sudo().search(self._variance_domain())
        return rows.sorted(lambda row: (row.employee_id.name or "", row.position))

    def _make_variance_file(self):
        """The variances as a workbook; recorded in the trail.

        :return: (name, bytes)
        """
        self._check_output(is_final=False)
        rows = [self._prepare_variance_row(row) for row in self._variances()]
        content = to_xlsx(
            self._file_name("variance", "")[:-1],
            self._variance_headings(),
            rows,
            (26, 22, 14, 14, 14, 14, 14, 70),
            self.currency_id.decimal_places,
            totals=range(2, 7),
        )
        name = self._file_name("variance", "xlsx")
        fields = ", ".join(("employee_id", "component", *AMOUNTS, "reason"))
        note = f"nka.pay.variance: {fields}; {len(rows)} rows"
        self._record_output(name, note, content)
        return name, content

    def _variance_headings(self):
        names = ("employee_id", "component", *AMOUNTS, "reason")
        rows = self.env["nka.pay.variance"]
        return [rows._fields[name]._description_string(self.env) for name in names]

    def _prepare_variance_row(self, row):
        amounts = [to_money(row[name], self.currency_id) for name in AMOUNTS]
        component = dict(row._selection_component())[row.component]
        return (row.employee_id.name, component, *amounts, row.reason)
