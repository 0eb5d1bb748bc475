from odoo import api, models
from odoo.exceptions import AccessError


class IrDefault(models.Model):
    _inherit = "ir.default"

    @api.model_create_multi
    def create(self, vals_list):
        defaults = super().create(vals_list)
        defaults._check_guarded_fields()
        return defaults

    def write(self, vals):
        result = super().write(vals)
        self._check_guarded_fields()
        return result

    def _check_guarded_fields(self):
        """Refuse user-defined defaults for fields that only actions can set."""
        for field in self.sudo().field_id:
            model = self.env.get(field.model)
            if hasattr(model, "_guarded") and field.name in model._guarded():
                raise AccessError(model._guard_message(field.name))
