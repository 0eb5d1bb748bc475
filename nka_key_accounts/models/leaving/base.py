from odoo import api, models
from odoo.exceptions import AccessError


class Base(models.AbstractModel):
    """Close exports of key account data to leavers."""

    _inherit = "base"

    def _guard_export(self, names):
        is_ours = self._name.startswith("nka.") and not hasattr(self, "_key_records")
        if self and is_ours and self.env["nka.departure"]._is_closed():
            self._refuse_export()
        return super()._guard_export(names)

    def _refuse_export(self):
        if self.env["nka.departure"]._is_closed():
            self._refuse_taking(self.env._("Export refused to a leaver"))
        return super()._refuse_export()

    @api.model
    def _refuse_taking(self, note):
        """Refuse leavers to take data out, and log the attempt.

        :raise AccessError: always
        """
        self.env["nka.audit.event"]._append_refusal(
            self.env.user, "export", new=self._name_in_bulk(), note=note
        )
        raise AccessError(self.env["nka.departure"]._closed_message())
