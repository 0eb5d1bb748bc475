from odoo import models

from .side_rows import also_refused


class CalendarRecurrence(models.Model):
    """Refuse changes to a series if the user can't change all of its meetings."""

    _inherit = "calendar.recurrence"

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or operation == "read" or not self.ids:
            return result
        series = self.sudo().with_context(active_test=False)
        events = self.env["calendar.event"]
        meetings = series.calendar_event_ids | series.base_event_id
        hidden = events.browse(meetings.ids)._hidden()
        ids = set(hidden.ids)
        rows = series.filtered(
            lambda row: ids & {*row.calendar_event_ids.ids, *row.base_event_id.ids}
        )
        return also_refused(result, self.browse(rows.ids), events._hidden_error)
