from odoo import models

#: Meetings and who attends them: names and addresses of clients' people.
CALENDAR = ("calendar.event", "calendar.attendee")


class Base(models.AbstractModel):
    """Close exports to leavers that aren't counted as key account data.

    Those of counted records are refused when they are counted.
    """

    _inherit = "base"

    def _guard_export(self, names):
        is_ours = self._name.startswith("nka.") and not hasattr(self, "_key_records")
        is_ours = is_ours or self._name in CALENDAR
        readings = self.env["nka.reading"]
        if self and is_ours and readings._is_counted():
            restrictions = self.env["nka.reading.restriction"]
            own = restrictions._in_force(self.env.user, readings._today())
            own._check_closed({"export": len(self)})
        return super()._guard_export(names)
