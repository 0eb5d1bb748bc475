from odoo import models
from odoo.exceptions import ValidationError

PREFIX = "nka.voice."


class Kpi(models.Model):
    """Refuse KPIs on client feedback: pay would make people ask for good answers."""

    _inherit = "nka.kpi"

    def _check_model(self):
        if (self.model_id.model or "").startswith(PREFIX):
            self._refuse_voice()
        return super()._check_model()

    def _check_open_field(self, field):
        if any(
            (name or "").startswith(PREFIX)
            for name in (field.model_name, field.comodel_name)
        ):
            self._refuse_voice()
        return super()._check_open_field(field)

    def _refuse_voice(self):
        raise ValidationError(
            self.env._(
                "Client feedback never affects pay. Use activities or results instead: "
                "contacts, deals, revenue."
            )
        )
