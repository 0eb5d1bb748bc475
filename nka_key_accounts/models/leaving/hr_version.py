from odoo import api, models

from . import hr_dates

DATES = {"departure_date", "contract_date_end"}


class HrVersion(models.Model):
    """Open the departure as soon as HR enters a departure date or end of contract."""

    _inherit = "hr.version"

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        versions = super().create(vals_list)
        dated = [
            version.id
            for version, vals in zip(versions, vals_list, strict=True)
            if any(vals.get(name) for name in DATES)
        ]
        versions.browse(dated)._open_nka_departures()
        return versions

    def write(self, vals):
        result = super().write(vals)
        if any(vals.get(name) for name in DATES):
            self._open_nka_departures()
        return result

    # ------------------------------------------------------------ business
    def _open_nka_departures(self):
        hr_dates.open_due(self.sudo().employee_id.filtered("user_id"))
