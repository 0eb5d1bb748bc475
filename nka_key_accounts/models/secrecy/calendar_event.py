from odoo import models


class CalendarEvent(models.Model):
    """Count prints of meetings about key accounts: their minutes say what was agreed."""

    _inherit = "calendar.event"

    def _printed_of_clients(self):
        accesses = self.env["nka.secrecy.access"]
        return self.filtered(lambda event: accesses._accounts_of(event))
