import base64

from odoo import api, fields, models

from ..trail.confined import check_reader

REGISTER = "nka_key_accounts.action_report_month_register"
VARIANCE = "nka_key_accounts.action_report_month_variance"


class MonthCloseOutput(models.TransientModel):
    """What to print or export of a month."""

    _name = "nka.month.close.output"
    _description = "Print and export a month"

    close_id = fields.Many2one(
        "nka.month.close", "Month", required=True, readonly=True, ondelete="cascade"
    )
    close_state = fields.Selection(related="close_id.state")
    kind = fields.Selection(
        [
            ("register", "Register of all statements (PDF)"),
            ("variance_pdf", "Variances with their reasons (PDF)"),
            ("variance_xlsx", "Variances with their reasons (XLSX)"),
            ("statements", "Statements, a PDF per employee (ZIP)"),
            ("statements_pdf", "Statements, all in one file (PDF)"),
            ("payroll_xlsx", "For an outside payroll (XLSX)"),
            ("payroll_csv", "For an outside payroll (CSV)"),
        ],
        "What",
        required=True,
        default="register",
    )
    delimiter = fields.Selection(
        [(",", "Comma"), (";", "Semicolon"), ("\t", "Tab")],
        required=True,
        default=lambda self: self.env.company.nka_csv_delimiter,
    )
    with_bom = fields.Boolean(
        "Mark as UTF-8 (Excel)", default=lambda self: self.env.company.nka_csv_bom
    )
    file = fields.Binary(readonly=True, attachment=False)
    file_name = fields.Char(readonly=True)

    # ------------------------------------------------------------ checks
    @api.constrains("close_id")
    def _check_readable(self):
        """Nobody prints a month that he may not read."""
        check_reader(self.close_id)

    def action_make(self):
        """Make the file and hand it over.

        :raise AccessError: for anybody but a payroll officer
        :raise UserError: when the month isn't ready for it, or is not what was sealed
        """
        self.ensure_one()
        name, content = self._make()
        self.write({"file_name": name, "file": base64.b64encode(content)})
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/{name}?download=true",
            "target": "download",
        }

    def _make(self):
        close = self.close_id
        makers = {
            "register": lambda: close._make_report_file(REGISTER, "register"),
            "variance_pdf": lambda: close._make_report_file(VARIANCE, "variance"),
            "variance_xlsx": close._make_variance_file,
            "statements": close._make_statement_files,
            "statements_pdf": close._make_statement_bundle,
            "payroll_xlsx": lambda: close._make_payroll_file("xlsx"),
            "payroll_csv": lambda: close._make_payroll_file(
                "csv", self.delimiter, self.with_bom
            ),
        }
        return makers[self.kind]()
