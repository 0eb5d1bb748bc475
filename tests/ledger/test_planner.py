"""Planner settings apply while the ledger is built, and are reset afterwards."""

from datetime import date
from unittest.mock import patch

from odoo.addons.nka_key_accounts.models.ledger import planner
from odoo.tools import SQL

from .common import LedgerCase

YEAR = date(2025, 1, 1), date(2025, 12, 31)


def nodes(plan):
    """Yield a node of an EXPLAIN plan and all nodes below it."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


class TestPlanner(LedgerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for month in (2, 3, 4):
            invoice = cls._invoice(1000, date(2025, month, 3))
            cls._pay(invoice, 1200, date(2025, month, 20))
        cls.env.flush_all()
        cls.env.cr.execute("ANALYZE account_partial_reconcile")

    def _is_wide(self, *days):
        return planner.is_wide(self.env, *days)

    def _told(self):
        names = sorted({*planner.NARROW, *planner.WIDE})
        self.env.cr.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [names]
        )
        return dict(self.env.cr.fetchall())

    def test_few_reconciliations_are_looked_up_by_index(self):
        self.assertFalse(self._is_wide(*YEAR))

    def test_third_of_many_is_read_by_sequential_scan(self):
        self.env.cr.execute("SELECT COUNT(*) FROM account_partial_reconcile")
        [others] = self.env.cr.fetchone()
        with patch.object(planner, "FEW", 1):
            with patch.object(planner, "WIDE_PART", others):
                self.assertTrue(self._is_wide(date(2025, 3, 1), date(2025, 3, 31)))
                self.assertFalse(self._is_wide(date(1990, 1, 1), date(1990, 1, 31)))
            with patch.object(planner, "WIDE_PART", others / 2):
                self.assertFalse(self._is_wide(date(2025, 3, 1), date(2025, 3, 31)))
                self.assertTrue(self._is_wide(date(2025, 3, 1), date(2025, 4, 30)))

    def test_settings_apply_inside_the_block_only(self):
        before = self._told()
        for is_wide in (True, False):
            with planner.planned_for(self.env.cr, is_wide):
                self.assertNotEqual(self._told(), before)
            self.assertEqual(self._told(), before)

    def test_build_and_comparison_reset_the_settings(self):
        before = self._told()
        self._build()
        self._build(is_full=True)
        self.env["nka.bonus.check"]._check(self.company, *YEAR)
        self.assertEqual(self._told(), before)

    def _learned(self, count):
        """Add rows to a table and refresh the statistics.

        :return: number of tables analyzed, and the columns with statistics then
        """
        self.env.cr.execute(
            """CREATE TABLE IF NOT EXISTS nka_test_loaded (used int, unused int);
               INSERT INTO nka_test_loaded SELECT n, n FROM generate_series(1, %s) AS n""",
            [count],
        )
        told = {"nka_test_loaded": ("used",)}
        with (
            patch.object(planner, "STATISTICS", told),
            patch.object(self.env.cr, "execute", wraps=self.env.cr.execute) as executed,
        ):
            planner.refresh_statistics(self.env)
        self.env.cr.execute(
            "SELECT attname FROM pg_stats WHERE tablename = 'nka_test_loaded'"
        )
        return executed.call_count - 1, [name for (name,) in self.env.cr.fetchall()]

    def test_tables_without_statistics_are_analyzed_once(self):
        self.assertEqual(self._learned(10), (0, []), "read fast, whatever the plan")
        self.assertEqual(self._learned(10_000), (1, ["used"]))
        self.assertEqual(self._learned(5_000), (0, ["used"]))
        self.assertEqual(self._learned(10_000), (1, ["used"]), "has grown by as much")

    def test_restored_table_is_analyzed(self):
        """An index created after the load tells the planner the size, not the values."""
        self.env.cr.execute(
            """CREATE TABLE nka_test_loaded AS
               SELECT n AS used, n AS unused FROM generate_series(1, 10000) AS n;
               CREATE INDEX ON nka_test_loaded (used)"""
        )
        self.assertEqual(self._learned(1), (1, ["used"]))

    def test_columns_of_the_statistics_exist(self):
        for table, columns in planner.STATISTICS.items():
            self.env.cr.execute(
                """SELECT attname FROM pg_attribute
                    WHERE attrelid = %s::regclass AND attname = ANY(%s)""",
                [table, [*columns]],
            )
            self.assertEqual(self.env.cr.rowcount, len(columns), table)

    def test_build_and_comparison_refresh_the_statistics(self):
        with patch.object(planner, "refresh_statistics") as refreshed:
            self._build()
            self.assertEqual(refreshed.call_count, 1)
            self.env["nka.bonus.check"]._check(self.company, *YEAR)
            self.assertEqual(refreshed.call_count, 2)

    def test_ledger_is_read_once_and_not_for_each_credit(self):
        """Also while the planner's statistics still describe an empty ledger."""
        builder = self.env["nka.bonus.builder"]
        head = self.env["nka.bonus.head"]._lock_row(self.company)
        build = builder._prepare_build(self.company, YEAR[1], False, *head)
        with planner.planned_for(self.env.cr, build.is_wide):
            statement = builder._basis_sql(build, "paid")
            self.env.cr.execute(
                SQL("EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) %s", statement)
            )
            [[explained]] = self.env.cr.fetchone()
        reading = [
            node["Actual Loops"]
            for node in nodes(explained["Plan"])
            if node.get("Relation Name") == "nka_bonus_line"
            and "Scan" in node["Node Type"]
        ]
        self.assertEqual(self.env["nka.bonus.line"].search_count([]), 3)
        self.assertEqual(set(reading), {1})
