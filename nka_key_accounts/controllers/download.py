import psycopg2

from odoo import http
from odoo.addons.web.controllers.export import CSVExport, ExcelExport
from odoo.addons.web.controllers.report import ReportController
from odoo.http import request

from ..models.control.database_errors import in_words


class SpokenCSVExport(CSVExport):
    """Turn database errors of CSV exports into readable messages.

    The web client shows errors of a download in a separate dialog, so the message must
    be readable before it is sent.
    """

    def base(self, data):
        """Build the file as Odoo does.

        :raise UserError: instead of a database error
        """
        try:
            return super().base(data)
        except psycopg2.Error as error:
            raise in_words(error, request.env) from error


class SpokenExcelExport(ExcelExport):
    """Excel exports, see :class:`SpokenCSVExport`."""

    def base(self, data):
        """Build the file as Odoo does.

        :raise UserError: instead of a database error
        """
        try:
            return super().base(data)
        except psycopg2.Error as error:
            raise in_words(error, request.env) from error


class SpokenReport(ReportController):
    """Turn database errors of report downloads into readable messages.

    Other report pages keep the database error, because Odoo retries the request on it.
    """

    @http.route()
    def report_routes(self, *args, **kwargs):
        """Render the report; see :class:`SpokenCSVExport` for the error handling."""
        try:
            return super().report_routes(*args, **kwargs)
        except psycopg2.Error as error:
            if request.httprequest.path == "/report/download":
                raise in_words(error, request.env) from error
            raise
