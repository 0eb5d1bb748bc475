from odoo import models


class Base(models.AbstractModel):
    _inherit = "base"

    def _explain_refusal(self, operation):
        """Hook: the refusal of these records, where they belong to a key account.

        :param str operation: read, write, create or unlink
        :return: an exception, or None where Odoo's own words will do
        :rtype: Exception | None
        """
        return None
