import psycopg2

from odoo.addons.rpc.controllers import RPC
from odoo.http import request

from ..models.control.database_errors import in_words


class SpokenRPC(RPC):
    """Turn database errors of XML-RPC calls into readable messages.

    XML-RPC builds its own error responses, so the conversion has to happen here.
    """

    def _xmlrpc(self, service):
        try:
            return super()._xmlrpc(service)
        except psycopg2.Error as error:
            raise in_words(error, request.env) from error
