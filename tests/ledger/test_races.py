"""Several sessions building the same month at once, nothing counted twice."""

import os
from datetime import date

import psycopg2

from ..throw_away import assert_passes, needs_databases
from .common import LedgerCase

MARCH = date(2025, 3, 3)


class TestRaces(LedgerCase):
    """Builds in the test's own transaction can't race; the committed copy below can."""

    def test_a_second_build_in_the_same_session_writes_nothing(self):
        self._match(self._invoice(100, MARCH), self._money(120, MARCH))
        self.assertEqual([self._build(), self._build()], [1, 0])

    def test_the_same_source_is_refused_by_the_key_itself(self):
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
def test_sessions_at_once_write_every_line_once(copy_of):
    """Real cursors of several threads on a throw-away copy, in a process of its own."""
    name = copy_of(os.environ["NKA_ADDON_DATABASE"], "ledger")
    assert_passes(name, "tests.ledger.race")
