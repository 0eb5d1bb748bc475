"""Months with held credits and a loyalty share: checklist, lock, faults, reopening."""

from datetime import date
from unittest.mock import patch

from psycopg2.errors import RestrictViolation

from odoo.addons.nka_key_accounts.models.statements.held_credits import HeldCredits
from odoo.tools import mute_logger

from ..statements.test_held_credits import HeldCase
from .common import DECEMBER, NOVEMBER, CloseCase

LOYALTY = {"loyalty_share": 20, "loyalty_confirmed": True}


class TestHeldBonus(HeldCase, CloseCase):
    """1,000,000 without documents and 500,000 with them; hired in March."""

    BASIS = "invoiced"
    LEAVING = LOYALTY

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Employment begins with the first agreement, so the year is over in December.
        cls.employee.version_id.contract_date_start = date(2025, 3, 1)
        cls.other = cls._new_deal(name="Complete")
        cls._approve(lead=cls.other)
        cls._sold(NOVEMBER)
        cls._sold(NOVEMBER, 500000, lead=cls.other)
        cls._cover(NOVEMBER, NOVEMBER.replace(day=30))
        cls.close = cls._new_close()
        cls.close.action_calculate()
        cls.statement = cls.close.statement_ids.sudo()

    def _item(self, code, close=None):
        close = close or self.close
        return close.check_ids.filtered(lambda row: row.code == code)

    def _lock(self, close):
        close.with_user(self.second).action_approve()
        close.with_user(self.second).action_lock()

    def _content(self, statement):
        names = ("bonus_amount", "held_credits", "loyalty_amount", "loyalty_held")
        lines = [
            (r.kind, r.amount, r.res_ids, r.explanation) for r in statement.line_ids
        ]
        return [statement[name] for name in names], lines

    def test_the_checklist_says_what_is_held(self):
        self.assertEqual(self._content(self.statement)[0], [20000, 1000000, 5000, 5000])
        item = self._item("held_credits")
        self.assertEqual((item.result, item.count, item.amount), ("warn", 1, 1000000))
        lines = self.env["nka.pay.statement.line"].with_user(self.officer)
        line = lines.search(item.action_open()["domain"])
        self.assertIn("Contract of test, Act of test", line.formula)
        self.assertTrue(item.hint)
        self.assertEqual(self._item("balance").result, "ok")
        self.assertEqual(self._item("credits").result, "ok")
        self.assertEqual(self._item("lapsed").result, "ok")

    def test_the_payslip_pays_the_rest(self):
        self._lock(self.close)
        self.assertEqual(self._item("payslip").result, "ok")
        slip = self.statement.payslip_id
        paid = {line.code: line.total for line in slip.line_ids}
        self.assertEqual(paid["NKA_BONUS"], 20000)
        self.assertEqual(
            sum(total for code, total in paid.items() if code.startswith("NKA_")),
            self.statement.total_amount,
        )

    def test_released_and_vested_once(self):
        self._lock(self.close)
        self._approve()
        december = self._new_close(DECEMBER)
        december.action_calculate()
        statement = december.statement_ids.sudo()
        self.assertEqual(
            (statement.credit_amount, statement.bonus_amount), (1000000, 50000)
        )
        self.assertEqual((statement.retro_amount, statement.loyalty_held), (5000, 0))
        self.assertEqual(self._item("balance", december).result, "ok")
        self._lock(december)
        january = self._new_close(date(2026, 1, 1))
        january.action_calculate()
        statement = january.statement_ids.sudo()
        self.assertEqual((statement.credit_amount, statement.retro_amount), (0, 0))

    def test_bonus_paid_early_warns(self):
        """Who leaves would rather have it said that the company ended it."""
        self._lock(self.close)
        self.agreement._unlocked().write({"date_to": date(2025, 12, 30)})
        december = self._new_close(DECEMBER)
        december.action_calculate()
        item = self._item("lapsed", december)
        self.assertEqual((item.result, item.count), ("warn", 1))

    def test_lapsed_bonus_warns(self):
        wizard = self.env["nka.pay.agreement.end"].with_user(self.officer)
        wizard.create(
            {
                "agreement_id": self.agreement.id,
                "is_renewal": False,
                "date_to": date(2025, 11, 30),
                "reason": "They leave",
                "ended_by": "employee",
            }
        ).action_apply()
        self.close.action_calculate()
        item = self._item("lapsed")
        self.assertEqual((item.result, item.count), ("warn", 1))
        self.assertEqual(self._item("balance").result, "ok")
        self.assertEqual(self.statement.loyalty_lapsed, 5000)

    def test_locked_figures_cannot_change(self):
        self._lock(self.close)
        for name in (
            "held_credits",
            "loyalty_amount",
            "loyalty_held",
            "loyalty_lapsed",
        ):
            with (
                self.subTest(name),
                mute_logger("odoo.sql_db"),
                self.assertRaises(RestrictViolation),
                self.cr.savepoint(),
            ):
                self.cr.execute(
                    f"UPDATE nka_pay_statement SET {name} = 1 WHERE id = %s",
                    [self.statement.id],
                )

    def test_tampered_terms_are_found(self):
        """The documents of a locked month's plan are part of its hash."""
        self._lock(self.close)
        self.assertFalse(self._said())
        relation = "nka_pay_plan_version_document_type_rel"
        for change in (
            f"DELETE FROM {relation} WHERE type_id = {self.types[0].id}",
            "UPDATE nka_pay_plan_version SET loyalty_share = 1",
            "UPDATE nka_pay_agreement SET ended_by = 'employee'",
        ):
            with self.subTest(change), self.tampered(change):
                self.assertTrue(self._said())

    def test_a_held_balance_that_doesnt_follow_blocks(self):
        self.statement._unlocked().write({"loyalty_held": 1})
        self.close.action_check()
        self.assertEqual(self._item("balance").result, "block")

    def test_a_fault_loses_nothing(self):
        """Broken off in the middle and run again: the same to the cent."""
        before = self._content(self.statement)
        with (
            self.assertRaises(RuntimeError),
            patch.object(HeldCredits, "prepare_lines", side_effect=RuntimeError),
            self.cr.savepoint(),
        ):
            self.close.action_calculate()
        self.env.invalidate_all()
        self.assertEqual(self._content(self.statement), before)
        self.close.action_calculate()
        self.assertEqual(self._content(self.statement), before)

    def test_reopened_and_locked_again_is_the_same(self):
        self._lock(self.close)
        before, digest = self._content(self.statement), self.close.digest
        self.close.with_user(self.kam_admin).action_reopen("Check it again")
        self.assertEqual(self.close.state, "open")
        self.close.action_calculate()
        self.assertEqual(self._content(self.statement), before)
        self._lock(self.close)
        self.assertEqual((self.close.revision, self.close.digest), (2, digest))

    def test_released_in_a_reopened_month(self):
        """It is the first open month once its documents are approved."""
        self._lock(self.close)
        self._approve()
        self.close.with_user(self.kam_admin).action_reopen("Approved since")
        self.close.action_calculate()
        self.assertEqual(self._content(self.statement)[0], [60000, 0, 15000, 15000])
