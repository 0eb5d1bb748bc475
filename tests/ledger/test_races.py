"""Several sessions build the same month concurrently; nothing is counted twice."""

import os
from datetime import date

import psycopg2

from ..throw_away import assert_passes, needs_databases
from .common import LedgerCase

MARCH = date(2025, 3, 3)


class TestRaces(LedgerCase):
    """The test's own transaction can't have races; the committed copy below can."""

    def test_second_build_in_the_same_session_writes_nothing(self):
        self._match(self._invoice(100, MARCH), self._money(120, MARCH))
        self.assertEqual([self._build(), self._build()], [1, 0])

    def test_unique_key_refuses_the_same_source(self):
        self._match(self._invoice(100, MARCH), self._money(120, MARCH))
        self._build()
        columns = [
            name
            for name, field in self.env["nka.bonus.line"]._fields.items()
            if field.store and name != "id"
        ]
        query = f"INSERT INTO nka_bonus_line ({', '.join(columns)}) SELECT {', '.join(columns)} FROM nka_bonus_line"
        with self.assertRaises(psycopg2.errors.UniqueViolation), self.cr.savepoint():
            self.cr.execute(query, log_exceptions=False)


@needs_databases
def test_concurrent_sessions_write_each_line_once(copy_of):
    """Real cursors of several threads on a throw-away copy, in a separate process."""
    name = copy_of(os.environ["NKA_ADDON_DATABASE"], "ledger")
    assert_passes(name, "tests.ledger.race")
