from odoo import models
from odoo.exceptions import ValidationError


def _is_dependency(name):
    return (name or "").startswith("nka.dependency")


class Kpi(models.Model):
    """Refuse KPIs on who knows a client: pay would make people write it up."""

    _inherit = "nka.kpi"

    def _check_model(self):
        if _is_dependency(self.model_id.model):
            self._refuse_dependency()
        return super()._check_model()

    def _check_open_field(self, field):
        if _is_dependency(field.model_name) or _is_dependency(field.comodel_name):
            self._refuse_dependency()
        return super()._check_open_field(field)

    def _refuse_dependency(self):
        raise ValidationError(
            self.env._(
                "Dependency on one person is meant for protecting the relationship and "
                "never affects pay. Use activities or results instead: contacts, deals, "
                "revenue."
            )
        )
