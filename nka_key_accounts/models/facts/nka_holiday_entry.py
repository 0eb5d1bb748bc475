from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

#: Groups that can enter public holidays.
HR = ("hr_holidays.group_hr_holidays_user", "base.group_erp_manager")
KEPT = ("date_from", "date_to", "calendar_id", "company_id")
#: Margin for the time zones of calendars when searching holidays.
AROUND = timedelta(days=2)


class HolidayEntry(models.Model):
    """Log of users who entered or changed a public holiday, with its values then.

    Employees can enter time off of their own, and Odoo lets them remove their name from
    it. So each entry records the user, and whether they were in HR at that time. A
    holiday counts as HR last left it; for an HR employee, as another one left it.
    Holidays from before this log existed count by their last author.
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
        """Record the current values of public holidays, with the user as author.

        :param holidays: resource.calendar.leaves without a resource
        """
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

    # ------------------------------------------------------------ evaluation
    @api.model
    def _of_companies(self, companies, first, last):
        """Return the public holidays of companies around a span of days.

        :param companies: res.company
        :param date first: first day
        :param date last: last day
        :return: for each holiday, a list of the versions that HR left, latest first
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
        """Return the current public holidays."""
        domain = Domain(
            [
                ("resource_id", "=", False),
                # Time off that lost its employee isn't a holiday, whoever changed it
                # since.
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
        """Return a holiday from before the log existed, if HR wrote it last."""
        author = holiday.write_uid or self.env.ref("base.user_root")
        if author not in hr:
            return []
        return [self.new(self._prepare(holiday, author, True))]
