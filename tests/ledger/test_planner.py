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
