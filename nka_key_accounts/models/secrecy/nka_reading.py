from odoo import api, models


class Reading(models.Model):
    """Count nothing for users who haven't acknowledged the regime: they are refused."""

    _inherit = "nka.reading"

    @api.model
    def _count_kinds(self, numbers):
        if any(numbers.values()) and not self._is_silent() and self._is_counted():
            self.env["res.users"]._nka_check_acknowledged()
        return super()._count_kinds(numbers)

    @api.model
    def _note(self, records, kind=None):
        result = super()._note(records, kind)
        self.env["nka.secrecy.access"]._keep(records, kind)
        return result
