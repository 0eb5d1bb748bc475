from odoo import api, models
from odoo.fields import Domain


class CalendarAttendee(models.Model):
    """Count attendees who are contacts of key accounts: they have name, email, phone."""

    _name = "calendar.attendee"
    _inherit = ["calendar.attendee", "nka.read.mixin"]
    _exported_by_colleagues = True
    _reading_kind = "contact"

    def _key_records(self):
        if not self.env["nka.reading"]._is_watched():
            return self.browse()
        contacts = self.sudo().partner_id._about_key_accounts()
        return self.filtered(lambda attendee: attendee.sudo().partner_id in contacts)

    @api.model
    def _key_domain(self):
        return Domain("partner_id", "any", self.env["res.partner"]._key_domain())
