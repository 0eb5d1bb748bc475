from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: Shortest time that accesses are kept: a register covers a quarter at least.
SHORTEST = 90


class ResCompany(models.Model):
    _inherit = "res.company"

    nka_secrecy_required = fields.Boolean(
        "Acknowledgement of the secrecy regime required",
        help="Without it, people with a key account role can't read, print, export or "
        "change data of key accounts while a regime is in force.",
        nka_setting=True,
    )
    nka_secrecy_days = fields.Integer(
        "Days that accesses are kept",
        default=1095,
        help="Who read, printed or exported data of a key account on which day.",
        nka_setting=True,
    )

    # ------------------------------------------------------------ constraints
    @api.constrains("nka_secrecy_days")
    def _check_nka_secrecy_days(self):
        if any(company.nka_secrecy_days < SHORTEST for company in self):
            raise ValidationError(
                self.env._(
                    "Keep accesses to key accounts for at least %s days.", SHORTEST
                )
            )

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        result = super().write(vals)
        if "nka_secrecy_required" in vals:
            self.env.registry.clear_cache()
        return result
