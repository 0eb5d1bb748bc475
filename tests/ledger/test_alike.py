"""Incremental, wide and full builds write the same lines, and match accounting."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from .changing_history import ChangingCase, changing_history, next_month
from .test_oracle import SETTINGS

#: Fields that are ignored: they depend on how often a build or comparison ran.
UNTOLD = ("id", "check_id", "create_uid", "create_date", "write_uid", "write_date")
MONTHS = [date(2024, 12, 1), *(date(2025, month, 1) for month in range(1, 13))]
#: The history is played in this many parts; after each part this month is closed, if
#: any.
CLOSED = (None, date(2025, 2, 1), date(2025, 4, 1), None)


class TestAlike(ChangingCase):
    """One manager is paid by payments, the other by invoices."""

    OTHER_BASIS = "invoiced"

    @settings(**SETTINGS)
    @given(st.integers(0, 10**6).map(lambda seed: changing_history(8_000_000 + seed)))
    def test_narrow_wide_and_full_builds_are_equal(self, events):
        part = -(-len(events) // len(CLOSED))
        with self._undone():
            for number, month in enumerate(CLOSED):
                self._play(events[number * part :][:part])
                self.assertBuiltAlike()
                self._build()
                self.assertInOrder()
                self._age()
                if month:
                    self._close_month(month)
                    self.assertInOrder()
            self.assertLedgerIsRight(days=False)

    def assertBuiltAlike(self):
        narrow = self._would_write()
        with self._read_as_a_whole():
            self.assertEqual(self._would_write(), narrow)
        self.assertEqual(self._would_write(is_full=True), narrow)

    def assertInOrder(self):
        """Assert that no month, open or closed, differs once the ledger is built."""
        for month in MONTHS:
            self.assertEqual(self._compared(month, True), [], month)

    def _would_write(self, **kwargs):
        """Return what a build writes, and roll it back."""
        lines = self.env["nka.bonus.line"]
        last = lines.search([], order="id desc", limit=1).id or 0
        with self.cr.savepoint() as savepoint:
            self._build(**kwargs)
            written = self._told(lines.search([("id", ">", last)]))
            savepoint.rollback()
        self.env.invalidate_all()
        return written

    def _compared(self, month, only_different=False):
        last = next_month(month) - timedelta(1)
        checks = self.env["nka.bonus.check"]
        return self._told(
            checks._check(self.company, month, last, only_different).line_ids
        )

    def _told(self, lines):
        names = [
            name
            for name, field in lines._fields.items()
            if field.store and name not in UNTOLD
        ]
        return sorted(
            (tuple(row[name] for name in names) for row in lines.read(names, load="")),
            key=repr,
        )
