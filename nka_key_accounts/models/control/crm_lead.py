from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

#: So long ago a moment is still that of the step that writes it.
NOW = timedelta(hours=1)


class CrmLead(models.Model):
    """The day a deal was closed decides to which season it belongs, so it is the day on
    which that happened: Odoo writes it, and lets every salesperson write another one.
    """

    _inherit = "crm.lead"

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        default = self.env.context.get("default_date_closed")
        for vals in vals_list:
            self._nka_check_closed(vals.get("date_closed", default))
        return super().create(vals_list)

    def write(self, vals):
        if "date_closed" in vals:
            self._nka_check_closed(vals["date_closed"])
        return super().write(vals)

    @api.model
    def _nka_check_closed(self, moment):
        """Refuse another moment than now; who administers sales imports older deals."""
        if not moment or self.env.su:
            return
        moment, now = fields.Datetime.to_datetime(moment), fields.Datetime.now()
        is_now = now - NOW <= moment <= now + NOW
        if is_now or self.env.user.has_group("sales_team.group_sale_manager"):
            return
        raise AccessError(
            self.env._(
                "The closing date of a deal is the date on which it was won or lost, "
                "so it can't be entered. Mark the deal as won or lost, or ask a sales "
                "administrator to enter an older deal."
            )
        )
