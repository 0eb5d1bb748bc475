import io
import re
import zipfile

from odoo import models
from odoo.exceptions import UserError

from .nka_pay_statement import checked


class MonthCloseStatements(models.Model):
    """The statements on paper: a file per employee."""

    _inherit = "nka.month.close"

    def _make_statement_files(self):
        """A zip with one PDF per employee, in his own language; recorded in the trail.

        One report at a time: wkhtmltopdf as Debian builds it takes one record only.

        :return: (name, bytes)
        """
        self._check_output()
        statements = self._sorted_statements()
        if not statements:
            raise UserError(
                self.env._("%s has no statement to print.", self.display_name)
            )
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for statement in statements:
                archive.writestr(
                    self._statement_file_name(statement),
                    checked(statement)._render_pdf(),
                )
        content, name = target.getvalue(), self._file_name("statements", "zip")
        note = f"nka.pay.statement: PDF; {len(statements)} files"
        self._record_output(name, note, content)
        return name, content

    def _statement_file_name(self, statement):
        """The person first, so that the files sort by name; the id keeps namesakes apart."""
        person = re.sub(r"[^\w .-]+", "_", statement.employee_id.name or "").strip(" .")
        return f"{person} {self.month:%Y-%m} ({statement.id}).pdf"

    def _make_report_file(self, report, kind):
        """One of the reports on the month as a PDF; the report itself is on record.

        :param str report: external id of the report
        :param str kind: first word of the file's name
        :return: (name, bytes)
        """
        self._check_output(is_final=False)
        reports = self.env["ir.actions.report"].sudo()
        content, _type = reports._render_qweb_pdf(report, self.ids)
        return self._file_name(kind, "pdf"), content
