from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

#: Who may make holidays for all.
HR = ("hr_holidays.group_hr_holidays_user", "base.group_erp_manager")
KEPT = ("date_from", "date_to", "calendar_id", "company_id")
#: Days of a holiday are looked for by the clock of calendars around the world.
AROUND = timedelta(days=2)


class HolidayEntry(models.Model):
    """Who made or changed a holiday for all, and how it stood then.

    An employee may enter time off of their own, and Odoo lets them take their name off
    it. So it is noted who made each holiday, and whether they were HR at that time. A
    holiday counts as somebody from HR left it; for themselves, as somebody else did.

    Holidays made before this was kept go by who wrote them last.
    """

    _name = "nka.holiday.entry"
    _description = "Public holiday record"
    _order = "id desc"
    _rec_name = "leave_id"

    leave_id = fields.Many2one(
        "resource.calendar.leaves",
        "Public holiday",
        readonly=True,
        required=True,
        index=True,
        ondelete="cascade",
    )
    user_id = fields.Many2one(
        "res.users", "Entered by", readonly=True, ondelete="set null"
    )
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    calendar_id = fields.Many2one(
        "resource.calendar", readonly=True, ondelete="cascade"
    )
    date_from = fields.Datetime("Start", readonly=True)
    date_to = fields.Datetime("End", readonly=True)
    is_hr = fields.Boolean("By HR", readonly=True)

    # ------------------------------------------------------------ recording
    @api.model
    def _record(self, holidays):
        """Note how holidays for all stand, and who left them so: the acting person."""
        user = self.env.user
        is_hr = user._is_superuser() or any(user.has_group(name) for name in HR)
        self.sudo().create([self._prepare(row, user, is_hr) for row in holidays.sudo()])

    @api.model
    def _prepare(self, holiday, user, is_hr):
        return {
            "leave_id": holiday.id,
            "user_id": user.id,
            "company_id": holiday.company_id.id,
            "calendar_id": holiday.calendar_id.id,
            "date_from": holiday.date_from,
            "date_to": holiday.date_to,
            "is_hr": is_hr,
        }

    # ------------------------------------------------------------ judging
    @api.model
    def _of_companies(self, companies, first, last):
        """Holidays for all of some companies around a span of days.

        :param companies: res.company
        :return: a list for each holiday: how HR left it, the latest first
        """
        holidays = self._holidays(companies, first, last)
        rows = self.sudo().search([("leave_id", "in", holidays.ids)])
        rows = rows.grouped("leave_id")
        hr = self._hr_users() if len(rows) < len(holidays) else None
        found = []
        for holiday in holidays:
            if holiday in rows:
                entries = list(rows[holiday].filtered("is_hr"))
            else:
                entries = self._older(holiday, hr)
            if entries:
                found.append(entries)
        return found

    @api.model
    def _holidays(self, companies, first, last):
        """What stands as a holiday for all now."""
        domain = Domain(
            [
                ("resource_id", "=", False),
                # A leave that lost its owner is no holiday, whoever touched it since.
                ("holiday_id", "=", False),
                ("time_type", "=", "leave"),
                ("company_id", "in", [*companies.ids, False]),
                ("date_from", "<=", fields.Datetime.to_datetime(last) + AROUND),
                ("date_to", ">=", fields.Datetime.to_datetime(first) - AROUND),
            ]
        )
        return self.env["resource.calendar.leaves"].sudo().search(domain)

    @api.model
    def _hr_users(self):
        groups = self.env["res.groups"].union(*(self.env.ref(name) for name in HR))
        return groups.sudo().all_user_ids | self.env.ref("base.user_root")

    @api.model
    def _older(self, holiday, hr):
        """A holiday nobody noted: of before, when HR wrote it."""
        author = holiday.write_uid or self.env.ref("base.user_root")
        if author not in hr:
            return []
        return [self.new(self._prepare(holiday, author, True))]
