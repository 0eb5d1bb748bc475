"""Hide the attendees of meetings that the user sees as "Busy"."""

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from .side_rows import also_refused


class CalendarAttendee(models.Model):
    """Restrict the attendee records, whose token opens the meeting's page to anyone."""

    _inherit = "calendar.attendee"

    # ------------------------------------------------------------ access
    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & self._domain_shown()
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or not self.ids:
            return result
        events = self.env["calendar.event"]
        hidden = events.browse(self.sudo().event_id.ids)._hidden()
        rows = self.sudo().filtered(lambda row: row.event_id.id in hidden.ids)
        return also_refused(result, self.browse(rows.ids), events._hidden_error)

    @api.model
    def _domain_shown(self):
        events = self.env["calendar.event"]
        if events._sees_every_deal():
            return Domain.TRUE
        return Domain("event_id", "any!", ~events._domain_hidden())

    # ------------------------------------------------------------ CRUD
    def write(self, vals):
        if vals.get("state") not in (None, "needsAction"):
            self._check_answers_themselves()
        return super().write(vals)

    # ------------------------------------------------------------ answers
    def do_accept(self):
        self._check_answers_themselves()
        return super().do_accept()

    def do_decline(self):
        self._check_answers_themselves()
        return super().do_decline()

    def _check_answers_themselves(self):
        """Refuse answers on behalf of other attendees of meetings about key accounts.

        Odoo lets users answer for others and records the answer under the attendee's
        name. The link in an invitation isn't affected: it answers as superuser for its
        recipient.

        :raise AccessError: for such an answer
        """
        others = self.browse()
        if not self.env.su:
            own = self.env.user.partner_id
            others = self.sudo().filtered(lambda row: row.partner_id != own)
        if others.event_id._about_key_accounts():
            raise AccessError(
                self.env._(
                    "Only the person invited can answer an invitation to a meeting "
                    "about a key account. Ask them to answer it."
                )
            )
