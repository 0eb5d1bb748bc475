"""Steps of a departure, from the activity plans that it launches."""

from odoo import SUPERUSER_ID, fields, models

from ..trail.roles import ADMIN
from .mail_activity_plan import DEPARTURE


class Departure(models.Model):
    _inherit = "nka.departure"

    # For activity plans that assign steps to an administrator.
    admin_id = fields.Many2one(
        "res.users", "Administrator", compute="_compute_admin_id", compute_sudo=True
    )

    # ------------------------------------------------------------ compute
    def _compute_admin_id(self):
        users = self.env["res.users"].sudo()
        for departure in self:
            holders = users._nka_holders(ADMIN, departure.company_id, departure.user_id)
            departure.admin_id = holders[:1]

    # ------------------------------------------------------------ activities
    def _begin(self):
        """Schedule the steps around the last day."""
        result = super()._begin()
        # As the system: whoever creates an activity, the person too, can delete it.
        plans = self.env["mail.activity.plan"].with_user(SUPERUSER_ID)
        plans._nka_launch(DEPARTURE, self, lambda departure: departure.date)
        return result

    def _nka_any_supervisor(self):
        return self.supervisor_ids[:1]
