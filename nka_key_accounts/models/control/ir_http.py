from odoo import models
from odoo.http import request

from .database_errors import in_words


class IrHttp(models.AbstractModel):
    """No screen and no client shows an error as the database words it."""

    _inherit = "ir.http"

    @classmethod
    def _handle_error(cls, exception):
        return super()._handle_error(in_words(exception, request.env))
