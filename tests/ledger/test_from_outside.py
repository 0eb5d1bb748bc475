"""The credit reconciliation shares no code with the ledger: on random histories it
finds planted errors and accounts for every payment.
"""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tools import SQL

from .changing_history import ChangingCase, changing_history
from .history import HistoryCase
from .oracle import Oracle
from .test_oracle import SETTINGS, histories

FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)
ALL = {"date_from": FIRST, "date_to": LAST}


def cents(amount):
    return Decimal(str(amount)).quantize(Decimal("0.01"))


class OutsideCase(HistoryCase):
    """Runs the credit reconciliation on whole histories."""

    def _seen(self, first=FIRST, last=LAST, only_different=False):
        checks = self.env["nka.bonus.check"]
        return checks._check(self.company, first, last, only_different).line_ids

    def _sums(self, lines, name="due"):
        """Return amounts by basis, source and person."""
        sums = defaultdict(Decimal)
        for line in lines:
            if line.user_id and line[name]:
                sums[line.basis, line.source_ref, line.user_id.id] += cents(line[name])
        return {key: amount for key, amount in sums.items() if amount}

    def assertEachRowAddsUp(self, lines):
        """Assert that each untaxed amount is due to a person or no one, and the parts
        add up.
        """
        whole, parts = {}, defaultdict(Decimal)
        for line in lines:
            self.assertEqual(cents(line.untaxed), cents(line.due) + cents(line.rest))
            if line.source_ref and line.whole:
                key = line.basis, line.source_ref
                whole[key] = cents(line.whole)
                parts[key] += cents(line.untaxed)
        self.assertEqual(dict(parts), whole)

    def assertAsAccountingSays(self, lines):
        wanted = Oracle(self.env, self.company, self.known).work_out()
        due = {key: amount for key, (_day, amount) in wanted.items()}
        seen = self._sums(lines)
        wrong = {key: (seen.get(key), due.get(key)) for key in seen | due}
        self.assertEqual({k: v for k, v in wrong.items() if v[0] != v[1]}, {})

    def assertNothingDiffers(self):
        """Assert that no row differs, that due equals credited, and that the rows add
        up.
        """
        lines = self._seen()
        told = [
            (line.basis, line.name, line.user_id.name, line.due, line.credited)
            for line in lines
            if line.is_different
        ]
        self.assertEqual(told, [])
        self.assertEqual(self._sums(lines), self._sums(lines, "credited"))
        self.assertEachRowAddsUp(lines)
        return lines

    # ------------------------------------------------------------ planted errors
    def _write_by_sql(self, statement, *values):
        """Write past the database triggers, as a database administrator could."""
        self.cr.execute("ALTER TABLE nka_bonus_line DISABLE TRIGGER USER")
        self.cr.execute(statement, values)
        self.assertGreater(self.cr.rowcount, 0)
        self.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.cr.execute("ALTER TABLE nka_bonus_line ENABLE TRIGGER USER")
        self.env.invalidate_all()

    def assertFound(self, line, statement, *values):
        """Assert that a line written past the ledger is reported with its source."""
        source = line.source_ref
        with self._undone():
            self._write_by_sql(statement, *values)
            found = self._seen(only_different=True)
            self.assertIn(source, found.mapped("source_ref"), statement)
        self.assertFalse(self._seen(only_different=True))

    def assertPlantedIsFound(self, draw):
        lines = self.env["nka.bonus.line"].search([])
        line = draw.choice(lines)
        other = (self.manager | self.colleague) - line.user_id
        self.assertFound(
            line,
            "UPDATE nka_bonus_line SET amount = amount + 0.01 WHERE id = %s",
            line.id,
        )
        self.assertFound(line, "DELETE FROM nka_bonus_line WHERE id = %s", line.id)
        self.assertFound(
            line,
            "UPDATE nka_bonus_line SET user_id = %s, revision = 99 WHERE id = %s",
            other.id,
            line.id,
        )
        columns = SQL(", ").join(
            SQL.identifier(name)
            for name, field in lines._fields.items()
            if field.store and name not in ("id", "revision")
        )
        copied = SQL(
            """INSERT INTO nka_bonus_line (%s, revision)
               SELECT %s, 99 FROM nka_bonus_line WHERE id = %s""",
            columns,
            columns,
            line.id,
        )
        self.assertFound(line, copied.code, *copied.params)
        invented = SQL(
            """INSERT INTO nka_bonus_line (company_id, basis, user_id, source_ref, date,
                   amount, key_account_id, event_date, origin_date, kind, reason,
                   move_ref, revision)
               SELECT company_id, basis, user_id, source_ref, date, 1000,
                      key_account_id, event_date, origin_date, kind, reason,
                      %s, 98
                 FROM nka_bonus_line WHERE id = %s""",
            10**8,
            line.id,
        )
        self.assertFound(line, invented.code, *invented.params)


class TestHistoriesFromOutside(OutsideCase):
    @settings(**SETTINGS)
    @given(histories(11_000_000, 60))
    def test_both_calculations_agree_and_planted_errors_are_found(self, events):
        with self._undone():
            self._play(events)
            before = self._seen()
            self.assertAsAccountingSays(before)
            self._build()
            self.assertAsAccountingSays(self.assertNothingDiffers())
            self.assertPlantedIsFound(Random(len(events)))


class TestChangingHistoriesFromOutside(OutsideCase, ChangingCase):
    @settings(**SETTINGS)
    @given(st.integers(12_000_000, 13_000_000).map(changing_history))
    def test_both_calculations_agree_when_people_change(self, events):
        with self._undone():
            self._play(events)
            self._build()
            self.assertNothingDiffers()


class TestInvoicedHistoriesFromOutside(OutsideCase):
    BASIS = "invoiced"
    OTHER_BASIS = "invoiced"

    @settings(**SETTINGS)
    @given(histories(13_000_000, 60))
    def test_both_calculations_agree_on_invoices(self, events):
        with self._undone():
            self._play(events)
            self._build()
            self.assertAsAccountingSays(self.assertNothingDiffers())
            self.assertPlantedIsFound(Random(len(events)))
