from odoo import models
from odoo.http import request

from .database_errors import in_words


class IrHttp(models.AbstractModel):
    """Replace database errors in responses with readable messages."""

    _inherit = "ir.http"

    @classmethod
    def _handle_error(cls, exception):
        return super()._handle_error(in_words(exception, request.env))
