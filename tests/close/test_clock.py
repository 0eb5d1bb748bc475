"""Closing while the clock is wrong, and in other time zones."""

from datetime import date, datetime

from freezegun import freeze_time

from odoo.exceptions import UserError

from .common import DECEMBER, NOVEMBER, NOVEMBER_END, CloseCase

FAR_AHEAD = "Pacific/Kiritimati"  # 14 hours ahead of UTC
FAR_BEHIND = "Pacific/Pago_Pago"  # 11 hours behind


class ClockCase(CloseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._cover(NOVEMBER, NOVEMBER_END)
        cls._invoice(2000000, date(2025, 11, 12))

    def _steps(self, close, *moments):
        """Run the steps of a close, each at a moment of the server's clock."""
        steps = ("action_calculate", "action_approve", "action_lock")
        for step, moment in zip(steps, moments, strict=False):
            user = self.officer if step == "action_calculate" else self.second
            with freeze_time(moment):
                getattr(close.with_user(user), step)()


class TestClock(ClockCase):
    def test_clock_set_back_between_the_steps(self):
        """Steps stay in the order in which they were taken, and the month is proven."""
        close = self._new_close()
        self._steps(
            close, "2025-12-02 10:30:00", "2025-12-02 09:31:00", "2025-12-02 08:32:00"
        )
        self.assertEqual(close.state, "locked")
        self.assertLess(close.locked_date, close.calculated_date)
        close.sudo()._check_sealed()
        self.assertEqual(self._said(), "")
        events = self._events(close, "state").sorted("id")
        self.assertEqual(
            events.mapped("new")[-3:], ["calculated", "approved", "locked"]
        )
        december = self._new_close(DECEMBER)
        self._steps(december, "2026-01-02 10:00:00")
        self.assertEqual(december.statement_ids.retro_amount, 0)

    def test_month_calculated_while_the_clock_was_ahead(self):
        """Once the clock is right, the running month can't be approved or locked."""
        close = self._new_close()
        self._steps(close, "2025-12-01 00:30:00")
        with self.refused(UserError, "hasn't ended yet"), freeze_time("2025-11-30"):
            close.with_user(self.second).action_approve()
        with freeze_time("2025-12-01 00:40:00"):
            close.with_user(self.second).action_approve()
        with self.refused(UserError, "hasn't ended yet"), freeze_time("2025-11-30"):
            close.with_user(self.second).action_lock()

    def test_month_ends_where_the_company_works(self):
        """Officers can choose their time zone; the day on their screens isn't it."""
        calendar = self.company.resource_calendar_id
        close = self._new_close()
        self.officer.tz = FAR_AHEAD
        calendar.tz = FAR_BEHIND
        ahead = close.with_user(self.officer).with_context(tz=FAR_AHEAD)
        with freeze_time("2025-12-01 10:59:00"):
            with self.refused(UserError, "hasn't ended yet"):
                ahead.action_calculate()
        with freeze_time("2025-12-01 11:01:00"):
            ahead.action_calculate()
        calendar.tz = FAR_AHEAD
        self.officer.tz = FAR_BEHIND
        with freeze_time("2025-11-30 10:01:00"):
            close.with_user(self.officer).action_calculate()

    def test_time_zone_of_the_company_changed(self):
        """Closed months stay as they are and are owed nothing; the open one follows."""
        calendar = self.company.resource_calendar_id
        calendar.tz = "Europe/Berlin"
        close = self._new_close()
        self._steps(
            close, "2025-12-02 10:00:00", "2025-12-02 10:00:00", "2025-12-02 10:00:00"
        )
        self._age()
        before = close.sudo().statement_ids.line_ids.mapped("amount")
        december = self._new_close(DECEMBER)
        for zone in (FAR_AHEAD, FAR_BEHIND, "Australia/Lord_Howe"):
            with self.subTest(zone):
                calendar.tz = zone
                close.sudo()._check_sealed()
                self.assertEqual(self._said(), "")
                self._steps(december, "2026-01-02 12:00:00")
                statement = december.sudo().statement_ids
                self.assertFalse(statement.exception)
                owed = statement.retro_amount, statement.credit_amount
                self.assertEqual(owed, (0, 0))
                lines = close.sudo().statement_ids.line_ids.mapped("amount")
                self.assertEqual(lines, before)
        days = self.env["nka.bonus.line"].sudo().search([]).mapped("date")
        self.assertEqual(set(days), {date(2025, 11, 12)})
        self.assertEqual(close.locked_date, datetime(2025, 12, 2, 10))
