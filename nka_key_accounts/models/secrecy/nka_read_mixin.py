from odoo import api, models


class ReadMixin(models.AbstractModel):
    """Refuse data of key accounts to users who haven't acknowledged the regime."""

    _inherit = "nka.read.mixin"

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if result is not None or self.env.su or not self._ids:
            return result
        users = self.env["res.users"]
        if not users._nka_is_refused() or not self.sudo()._key_records():
            return result
        return self, self._say_not_acknowledged

    def _say_not_acknowledged(self):
        """Return the error that :meth:`_check_access` promises."""
        try:
            self.env["res.users"]._nka_check_acknowledged()
        except Exception as error:
            return error

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        users = self.env["res.users"]
        if (
            not self.env.su
            and users._nka_is_refused()
            and records.sudo()._key_records()
        ):
            users._nka_check_acknowledged()
        return records
