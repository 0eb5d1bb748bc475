from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_departure_days = fields.Integer(
        "Days before the end of a contract",
        default=60,
        help="A departure is opened this many days before the end of a contract in Odoo, "
        "unless a new contract follows. Departure dates entered in Odoo open it at once.",
        nka_setting=True,
    )
    nka_departure_told = fields.Float(
        "Leavers: supervisors are told at (times the baseline)",
        default=2.0,
        digits=(16, 1),
        help="From the day on which a departure is opened. The look-back uses the same "
        "multiple. 0 = as for everybody.",
        nka_setting=True,
    )
    nka_departure_stopped = fields.Float(
        "Leavers: reading stops at (times the baseline)",
        default=4.0,
        digits=(16, 1),
        help="From the day on which a departure is opened. 0 = as for everybody.",
        nka_setting=True,
    )

    # ------------------------------------------------------------ constraints
    @api.constrains("nka_departure_days", "nka_departure_told", "nka_departure_stopped")
    def _check_nka_departure_figures(self):
        for company in self:
            told, stopped = company.nka_departure_told, company.nka_departure_stopped
            if company.nka_departure_days < 0 or min(told, stopped) < 0:
                raise ValidationError(
                    self.env._("Days and multiples for leavers can't be negative.")
                )
            if told and stopped and stopped < told:
                raise ValidationError(
                    self.env._(
                        "Reading of leavers can't stop before supervisors are told. Enter "
                        "a larger multiple at which it stops."
                    )
                )
