import psycopg2

from odoo import http
from odoo.addons.web.controllers.export import CSVExport, ExcelExport
from odoo.addons.web.controllers.report import ReportController
from odoo.http import request

from ..models.control.database_errors import in_words


class SpokenCSVExport(CSVExport):
    """Downloads show any error in a window of their own, so it is put in words before."""

    def base(self, data):
        """Make the file as Odoo does."""
        try:
            return super().base(data)
        except psycopg2.Error as error:
            raise in_words(error, request.env) from error


class SpokenExcelExport(ExcelExport):
    """As :class:`SpokenCSVExport`."""

    def base(self, data):
        """Make the file as Odoo does."""
        try:
            return super().base(data)
        except psycopg2.Error as error:
            raise in_words(error, request.env) from error


class SpokenReport(ReportController):
    """A page that is no download is tried again by Odoo before anything is told."""

    @http.route()
    def report_routes(self, *args, **kwargs):
        """Print; see :class:`SpokenCSVExport` for what is told of an error."""
        try:
            return super().report_routes(*args, **kwargs)
        except psycopg2.Error as error:
            if request.httprequest.path == "/report/download":
                raise in_words(error, request.env) from error
            raise
