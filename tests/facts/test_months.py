"""Scheduled, employed and covered days, compared with an oracle that counts day by day."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from random import Random

from odoo.tests import tagged

from ..unit import oracle
from .common import NOVEMBER, CalendarCase


class _Undone(Exception):
    """Raised to roll back a generated month."""


@tagged("nka_facts")
class TestMonths(CalendarCase):
    """Months of random leaves, reports and holidays, compared with a day-by-day count."""

    MONTH = [date(2026, 11, day) for day in range(1, 31)]
    WEEKDAYS = [day for day in MONTH if day.weekday() < 5]

    def _made_up(self, chance):
        """Create the records of a random month through Odoo's public methods.

        :return: days that aren't holidays, parts of leave as (day, part, is unpaid), days
            reported
        """
        off = set(chance.sample(self.WEEKDAYS, chance.randint(0, 2)))
        for day in off:
            self._holiday(day)
        free = [day for day in self.WEEKDAYS if day not in off]
        leaves = []
        for day in chance.sample(free, chance.randint(3, 8)):
            leaves += self._make_leave(chance, day)
        if chance.random() < 0.5:
            self._forge_holiday(chance.choice(free))
        weeks = chance.sample((2, 9, 16, 23), chance.randint(0, 3))
        reported = set()
        for first in weeks:
            days = [date(2026, 11, first + count) for count in range(7)]
            reported |= set(days)
            self.env["nka.work.report"].sudo()._unlocked().create(
                {
                    "employee_id": self.employee.id,
                    "date_from": days[0],
                    "date_to": days[-1],
                    "state": "approved",
                }
            )
        return free, leaves, reported

    def _forge_holiday(self, day):
        entry = self._holiday(
            day, user=self.hr, resource_id=self.employee.resource_id.id
        )
        entry.with_user(self.manager).write(
            {"resource_id": False, "calendar_id": False}
        )

    def _make_leave(self, chance, day):
        is_unpaid, is_half = chance.random() < 0.5, chance.random() < 0.5
        kind = self._type(unpaid=is_unpaid, request_unit="half_day")
        half = chance.choice(("am", "pm"))
        halves = {"request_date_from_period": half, "request_date_to_period": half}
        leave = self._leave(day, kind=kind, **(halves if is_half else {}))
        how = chance.choice(("approved", "approved", "forged", "refused", "asked"))
        if how == "forged":
            leave.with_context(leave_fast_create=True).write({"state": "validate"})
        elif how != "asked":
            leave.with_user(self.hr).action_approve()
        if how == "refused":
            leave.with_user(self.hr).action_refuse()
        if how != "approved":
            return []
        return [(day, Decimal("0.5") if is_half else 1, is_unpaid)]

    def test_against_the_oracle(self):
        for seed in range(6):
            with self.subTest(seed), suppress(_Undone), self.cr.savepoint():
                self._assert_same_days(Random(seed))
                raise _Undone

    def _assert_same_days(self, chance):
        free, leaves, reported = self._made_up(chance)
        contract = self.MONTH
        for deduct in (True, False):
            expected = oracle.days_of_month(free, contract, reported, leaves, deduct)
            span = {self.employee.id: [(date(2026, 1, 1), None, deduct)]}
            reports = self.env["nka.work.report"]
            days = reports._month_days(self.employee, *NOVEMBER, span)
            days = days[self.employee.id]
            self.assertEqual((days.scheduled, days.employed, days.covered), expected)
