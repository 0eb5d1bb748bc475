from odoo import models

from ...pay.variance.components import COMPONENTS, code, label
from .spreadsheet import to_csv, to_xlsx

#: The columns of the file for an outside payroll, a contract (docs: closing a month):
#: added to at the end, never renamed or moved.
COLUMNS = (
    "company",
    "month",
    "employee_id",
    "badge",
    "employee",
    "component",
    "component_name",
    "amount",
    "currency",
    "statement_id",
    "revision",
    "seal",
)
WIDTHS = (20, 11, 11, 12, 26, 20, 24, 14, 9, 12, 9, 30)


class MonthClosePayrollFile(models.Model):
    """The month for an outside payroll: a row per employee and component."""

    _inherit = "nka.month.close"

    def _make_payroll_file(self, ending, delimiter=",", with_bom=True):
        """Make the file, from a locked and unbroken month only, and record it.

        :param str ending: xlsx or csv
        :param str delimiter: of a CSV file
        :param bool with_bom: mark a CSV file as UTF-8
        :return: (name, bytes)
        """
        self._check_output()
        rows = self._prepare_payroll_rows()
        if ending == "xlsx":
            content = to_xlsx(
                self._file_name("pay", "")[:-1],
                COLUMNS,
                rows,
                WIDTHS,
                self.currency_id.decimal_places,
            )
        else:
            content = to_csv(COLUMNS, rows, delimiter, with_bom)
        name = self._file_name("pay", ending)
        note = f"nka.pay.statement.line: {', '.join(COLUMNS)}; {len(rows)} rows"
        self._record_output(name, note, content)
        return name, content

    def _prepare_payroll_rows(self):
        """Every employee with every component, zeros too, in a stable order."""
        statements = self._sorted_statements()
        amounts = statements._component_amounts()
        return [
            self._prepare_payroll_row(statement, component, amounts[statement])
            for statement in statements
            for component in COMPONENTS
        ]

    def _prepare_payroll_row(self, statement, component, amounts):
        return (
            self.company_id.sudo().name,
            self.month,
            statement.employee_id.id,
            statement.employee_id.barcode or "",
            statement.employee_id.name,
            code(component),
            label(self.env, component),
            amounts[component],
            self.currency_id.name,
            statement.id,
            self.revision,
            self.digest,
        )
