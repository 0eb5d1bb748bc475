import io
import re
import zipfile

from odoo import models
from odoo.exceptions import UserError
from odoo.tools.pdf import merge_pdf

from .nka_pay_statement import checked


class MonthCloseStatements(models.Model):
    """The statements on paper: a file per employee."""

    _inherit = "nka.month.close"

    def _make_statement_files(self):
        """A zip with one PDF per employee, in his own language; recorded in the trail.

        :return: (name, bytes)
        """
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for statement, content in self._statement_pdfs():
                archive.writestr(self._statement_file_name(statement), content)
        return self._hand_over_statements("zip", target.getvalue())

    def _make_statement_bundle(self):
        """All statements one after the other in one PDF, to be printed and filed.

        :return: (name, bytes)
        """
        pages = [content for _statement, content in self._statement_pdfs()]
        return self._hand_over_statements("pdf", merge_pdf(pages))

    def _statement_pdfs(self):
        """The statements with their PDFs, one by one.

        One report at a time: wkhtmltopdf as Debian builds it takes one record only.

        :raise UserError: where the month isn't locked and sealed, or has none
        """
        self._check_output()
        statements = self._sorted_statements()
        if not statements:
            raise UserError(
                self.env._("%s has no statement to print.", self.display_name)
            )
        for statement in statements:
            yield statement, checked(statement, statement)._render_pdf()

    def _hand_over_statements(self, ending, content):
        name = self._file_name("statements", ending)
        count = len(self._sorted_statements())
        note = f"nka.pay.statement: PDF; {count} statements"
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
