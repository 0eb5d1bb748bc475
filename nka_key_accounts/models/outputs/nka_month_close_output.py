import base64
import io
import re
import zipfile

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.pdf import merge_pdf

from ..pay.border import to_money
from ..statements.components import COMPONENTS, code, label
from ..trail.confined import check_reader
from .nka_pay_statement import checked
from .spreadsheet import to_csv, to_xlsx

#: Columns of the external payroll file. They are a contract (docs: closing a month):
#: new ones are added at the end, existing ones are never renamed or moved.
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

AMOUNTS = ("amount", "previous_amount", "change", "mean_amount", "mean_change")
VARIANCE_COLUMNS = ("employee_id", "component", *AMOUNTS, "reason")
VARIANCE_WIDTHS = (26, 22, 14, 14, 14, 14, 14, 70)


class MonthCloseOutput(models.TransientModel):
    """Wizard that prints or exports a month.

    Each output has a key of ``kind`` and a method ``_make_<kind>`` that checks the
    month (``_check_output``), logs the file in the audit trail and returns its name and
    content.
    """

    _name = "nka.month.close.output"
    _description = "Print and export a month"

    close_id = fields.Many2one(
        "nka.month.close", "Month", required=True, readonly=True, ondelete="cascade"
    )
    close_state = fields.Selection(related="close_id.state")
    kind = fields.Selection(
        [
            ("register", "Register of all statements (PDF)"),
            ("variance_pdf", "Variances with reasons (PDF)"),
            ("variance_xlsx", "Variances with reasons (XLSX)"),
            ("statements", "Statements, one PDF per employee (ZIP)"),
            ("statements_pdf", "Statements, all in one file (PDF)"),
            ("payroll_xlsx", "External payroll file (XLSX)"),
            ("payroll_csv", "External payroll file (CSV)"),
        ],
        "File",
        required=True,
        default="register",
    )
    delimiter = fields.Selection(
        [(",", "Comma"), (";", "Semicolon"), ("\t", "Tab")],
        required=True,
        default=lambda self: self.env.company.nka_csv_delimiter,
    )
    with_bom = fields.Boolean(
        "Add byte order mark (for Excel)",
        default=lambda self: self.env.company.nka_csv_bom,
    )
    file = fields.Binary("Generated file", readonly=True, attachment=False)
    file_name = fields.Char("Output file name", readonly=True)

    # ------------------------------------------------------------ checks
    @api.constrains("close_id")
    def _check_readable(self):
        """Refuse months that the user can't read."""
        check_reader(self.close_id)

    # ------------------------------------------------------------ actions
    def action_make(self):
        """Generate the file.

        :return: the action that downloads it
        :raise AccessError: if the user isn't a payroll officer
        :raise UserError: if the month isn't ready, or doesn't match its integrity hash
        """
        self.ensure_one()
        name, content = getattr(self, f"_make_{self.kind}")()
        self.write({"file_name": name, "file": base64.b64encode(content)})
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/{name}?download=true",
            "target": "download",
        }

    # ------------------------------------------------------------ reports
    def _make_register(self):
        return self._make_report("register")

    def _make_variance_pdf(self):
        return self._make_report("variance")

    def _make_report(self, kind):
        """Generate one of the monthly reports as PDF. The report itself logs the
        output.

        :param str kind: last word of the report's external id; the file name starts
            with it
        :return: (name, bytes)
        """
        close = self.close_id
        close._check_output(is_final=False)
        report = f"nka_key_accounts.action_report_month_{kind}"
        reports = self.env["ir.actions.report"].sudo()
        content, _type = reports._render_qweb_pdf(report, close.ids)
        return close._file_name(kind, "pdf"), content

    # ------------------------------------------------------------ variances
    def _make_variance_xlsx(self):
        close = self.close_id
        close._check_output(is_final=False)
        variances = close._variances()
        fields_ = variances._fields
        content = to_xlsx(
            close._file_name("variance", "")[:-1],
            [fields_[name]._description_string(self.env) for name in VARIANCE_COLUMNS],
            [self._prepare_variance_row(row) for row in variances],
            VARIANCE_WIDTHS,
            close.currency_id.decimal_places,
            totals=range(2, 7),
        )
        what = f"nka.pay.variance: {', '.join(VARIANCE_COLUMNS)}; {len(variances)} rows"
        return self._hand_over("variance", "xlsx", what, content)

    def _prepare_variance_row(self, row):
        amounts = [to_money(row[name], self.close_id.currency_id) for name in AMOUNTS]
        component = dict(row._selection_component())[row.component]
        return (row.employee_id.name, component, *amounts, row.reason)

    # ------------------------------------------------------------ statements
    def _make_statements(self):
        """Return a ZIP with one PDF per employee, in their own language."""
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for statement, content in self._statement_pdfs():
                archive.writestr(self._statement_file_name(statement), content)
        return self._hand_over_statements("zip", target.getvalue())

    def _make_statements_pdf(self):
        """Return all statements in one PDF, for printing and filing."""
        pages = [content for _statement, content in self._statement_pdfs()]
        return self._hand_over_statements("pdf", merge_pdf(pages))

    def _statement_pdfs(self):
        """Yield the statements with their PDFs.

        They are rendered one by one: Debian's build of wkhtmltopdf takes one record
        only.

        :raise UserError: if the month isn't locked, doesn't match its integrity hash,
            or has no statements
        """
        self.close_id._check_output()
        statements = self.close_id._sorted_statements()
        if not statements:
            raise UserError(
                self.env._(
                    "There is no statement to print for %s.", self.close_id.display_name
                )
            )
        for statement in statements:
            yield statement, checked(statement, statement)._render_pdf()

    def _statement_file_name(self, statement):
        """Return the file name: employee first for sorting, id for uniqueness."""
        person = re.sub(r"[^\w .-]+", "_", statement.employee_id.name or "").strip(" .")
        return f"{person} {statement.month:%Y-%m} ({statement.id}).pdf"

    def _hand_over_statements(self, ending, content):
        count = len(self.close_id._sorted_statements())
        what = f"nka.pay.statement: PDF; {count} statements"
        return self._hand_over("statements", ending, what, content)

    # ------------------------------------------------------------ external payroll
    def _make_payroll_xlsx(self):
        title = self.close_id._file_name("pay", "")[:-1]
        digits = self.close_id.currency_id.decimal_places
        return self._make_payroll(
            "xlsx", lambda rows: to_xlsx(title, COLUMNS, rows, WIDTHS, digits)
        )

    def _make_payroll_csv(self):
        return self._make_payroll(
            "csv", lambda rows: to_csv(COLUMNS, rows, self.delimiter, self.with_bom)
        )

    def _make_payroll(self, ending, write):
        """Return the file for an external payroll provider, of a locked month only.

        :param str ending: file extension
        :param write: function that returns the content for rows
        :return: (name, bytes)
        :raise UserError: if the month isn't locked or doesn't match its integrity hash
        """
        self.close_id._check_output()
        rows = self._prepare_payroll_rows()
        what = f"nka.pay.statement.line: {', '.join(COLUMNS)}; {len(rows)} rows"
        return self._hand_over("pay", ending, what, write(rows))

    def _prepare_payroll_rows(self):
        """Return a row per employee and component, with zeros, in a stable order."""
        close = self.close_id
        statements = close._sorted_statements()
        amounts = statements._component_amounts()
        return [
            (
                close.company_id.sudo().name,
                close.month,
                statement.employee_id.id,
                statement.employee_id.barcode or "",
                statement.employee_id.name,
                code(component),
                label(self.env, component),
                amounts[statement][component],
                close.currency_id.name,
                statement.id,
                close.revision,
                close.digest,
            )
            for statement in statements
            for component in COMPONENTS
        ]

    def _hand_over(self, kind, ending, what, content):
        """Log a file in the audit trail.

        :param str what: model, fields and number of rows
        :return: (name, bytes)
        """
        name = self.close_id._file_name(kind, ending)
        self.close_id._record_output(name, what, content)
        return name, content
