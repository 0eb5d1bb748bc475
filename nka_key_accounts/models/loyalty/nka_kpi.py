from odoo import models
from odoo.exceptions import ValidationError

#: Models about people who stay or leave, which never affect pay.
CLOSED = (
    "nka.departure",
    "nka.departure.dossier",
    "nka.departure.figure",
    "nka.departure.introduction",
    "nka.manager.page",
    "nka.pay.market",
    "nka.promise",
)


class Kpi(models.Model):
    """Refuse KPIs on what the company owes its managers and on their pages."""

    _inherit = "nka.kpi"

    def _check_model(self):
        if self.model_id.model in CLOSED:
            self._refuse_loyalty()
        return super()._check_model()

    def _check_open_field(self, field):
        if field.model_name in CLOSED or field.comodel_name in CLOSED:
            self._refuse_loyalty()
        return super()._check_open_field(field)

    def _refuse_loyalty(self):
        raise ValidationError(
            self.env._(
                "Departures, promises to managers and their pages never affect pay. Use "
                "activities or results instead: contacts, deals, revenue."
            )
        )
