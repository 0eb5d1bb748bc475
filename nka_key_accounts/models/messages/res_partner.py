"""Hide meetings shown as "Busy" from the meetings of their contacts."""

from odoo import api, models
from odoo.fields import Domain


class ResPartner(models.Model):
    """Show meetings of a contact only to users who can see the meeting's details."""

    _inherit = "res.partner"

    def _read_format(self, fnames, load="_classic_read"):
        rows = super()._read_format(fnames, load)
        if "meeting_ids" in fnames and not self.env.su:
            hidden = self._hidden_meetings(row["meeting_ids"] for row in rows)
            for row in rows:
                row["meeting_ids"] = [n for n in row["meeting_ids"] if n not in hidden]
        return rows

    def _compute_meeting(self):
        meetings = super()._compute_meeting()
        if self.env.su:
            return meetings
        hidden = self._hidden_meetings(meetings.values())
        return {
            number: [each for each in of_contact if each not in hidden]
            for number, of_contact in meetings.items()
        }

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        """Prevent searches of contacts by meetings that the user can't see."""
        if not (self.env.su or bypass_access) and self._asks_for_meetings(domain):
            events = self.env["calendar.event"]
            if not events._sees_every_deal():
                hidden = Domain("meeting_ids", "any!", events._domain_hidden())
                domain = Domain(domain) & ~hidden
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    @api.model
    def _asks_for_meetings(self, domain):
        return any(
            condition.field_expr.partition(".")[0] == "meeting_ids"
            for condition in Domain(domain).iter_conditions()
        )

    @api.model
    def _hidden_meetings(self, lists):
        """Return those of the meeting ids that are shown as "Busy" to the user.

        :param lists: iterable of lists of meeting ids
        :rtype: set[int]
        """
        ids = {number for numbers in lists for number in numbers}
        events = self.env["calendar.event"].browse(ids)
        return set(events._hidden().ids)
