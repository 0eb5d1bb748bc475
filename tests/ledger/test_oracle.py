"""Compare the set-based ledger with a slow oracle on random histories."""

import os
from datetime import date

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from .history import HistoryCase, history

#: NKA_HISTORIES=100 runs that many of each kind.
SETTINGS = {
    "deadline": None,
    "max_examples": int(os.environ.get("NKA_HISTORIES") or 1),
    # A failure names its seed; shrinking the seed gives no simpler history.
    "phases": [Phase.generate],
    "derandomize": True,
    "suppress_health_check": list(HealthCheck),
    "print_blob": False,
}


CLOSED_TO = date(2025, 5, 1)


def histories(base, *more):
    """Return histories with seeds of their own for each test, starting at ``base``."""
    return st.integers(0, 10**6).map(lambda seed: history(base + seed, *more))


class ComparedCase(HistoryCase):
    """One history, with builds in the middle and at the end."""

    def assertRightInTwoBuilds(self, events):
        """Age the records, so that the second build reads only what is new or changed."""
        with self._undone():
            half = len(events) // 2
            self._play(events[:half])
            self._age()
            self._build()
            self._play(events[half:])
            self._build()
            self.assertGreater(self.env["nka.bonus.line"].search_count([]), 5)
            self.assertLedgerIsRight()
            self.assertNothingLeft()

    def assertRightOverClosedMonths(self, events):
        """Close months between the builds: they stay unchanged, the totals are right."""
        with self._undone():
            third = len(events) // 3
            for number, month in enumerate((date(2025, 2, 1), date(2025, 4, 1))):
                self._play(events[number * third : (number + 1) * third])
                self._age()
                self._build()
                self._close_month(month)
            closed = self._closed_days()
            self._play(events[2 * third :])
            self._build()
            self.assertEqual(self._closed_days(), closed)
            self.assertLedgerIsRight(days=False)
            self.assertNothingLeft()

    def _closed_days(self):
        return {key: sum_ for key, sum_ in self._days().items() if key[3] < CLOSED_TO}


@pytest.mark.slow
class TestHistories(ComparedCase):
    @settings(**SETTINGS)
    @given(histories(1_000_000, 180))
    def test_ledger_equals_the_oracle(self, events):
        self.assertRightInTwoBuilds(events)

    @settings(**SETTINGS)
    @given(histories(2_000_000))
    def test_closed_months_stay_and_the_open_one_takes_the_difference(self, events):
        self.assertRightOverClosedMonths(events)

    @settings(**SETTINGS)
    @given(histories(7_000_000))
    def test_reading_all_invoices_gives_the_same(self, events):
        with self._read_as_a_whole():
            self.assertRightOverClosedMonths(events)

    @settings(**SETTINGS)
    @given(histories(3_000_000))
    def test_building_in_steps_gives_the_same(self, events):
        with self._undone():
            self._play(events)
            with self._undone():
                self._build()
                once = self._days()
            self._age()
            for month in range(1, 13):
                self._build(date_to=date(2025, month, 28))
            self._build()
            self.assertEqual(self._days(), once)
            reasons = set(self.env["nka.bonus.line"].search([]).mapped("reason"))
            self.assertEqual(reasons, {"event"})
            self.assertNothingLeft()


class TestInvoicedHistories(ComparedCase):
    BASIS = OTHER_BASIS = "invoiced"

    @settings(**SETTINGS)
    @given(histories(4_000_000))
    def test_ledger_equals_the_oracle(self, events):
        self.assertRightInTwoBuilds(events)

    @settings(**SETTINGS)
    @given(histories(5_000_000))
    def test_closed_months_stay_and_the_open_one_takes_the_difference(self, events):
        self.assertRightOverClosedMonths(events)


class TestMixedHistories(ComparedCase):
    OTHER_BASIS = "invoiced"

    @settings(**SETTINGS)
    @given(histories(6_000_000))
    def test_ledger_equals_the_oracle(self, events):
        self.assertRightInTwoBuilds(events)
