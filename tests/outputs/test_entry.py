"""The journal entry of a month: balanced, created once, without accounting rights."""

from datetime import date

from odoo.exceptions import AccessError, UserError

from ..close.common import DECEMBER
from .common import OutputCase


class TestEntry(OutputCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accounts = {
            name: cls.env["account.account"].create(
                {"name": name, "code": f"NKA{number}", "account_type": kind}
            )
            for number, (name, kind) in enumerate(
                {
                    "nka_fixed_account_id": "expense",
                    "nka_soft_account_id": "expense",
                    "nka_bonus_account_id": "expense",
                    "nka_payable_account_id": "liability_current",
                }.items()
            )
        }
        cls.journal = cls.env["account.journal"].create(
            {"name": "Pay", "code": "NKAP", "type": "general"}
        )

    def _set_up(self, **vals):
        self.company.write(
            {
                "nka_entry_journal_id": self.journal.id,
                **{name: account.id for name, account in self.accounts.items()},
                **vals,
            }
        )

    def _entry(self):
        self._set_up()
        self.close.action_make_entry()
        return self.close.sudo().entry_id

    def test_refusal_names_the_missing_settings(self):
        self.assertEqual(
            (self.close.entry_name, self.close.entry_state), (False, False)
        )
        with self.refused(
            UserError, "Payroll journal.*Wages payable account.*Settings"
        ):
            self.close.action_make_entry()

    def test_balanced_and_equal_to_the_statements(self):
        entry = self._entry()
        self.assertEqual((entry.state, entry.date), ("draft", date(2025, 11, 30)))
        self.assertEqual(sum(entry.line_ids.mapped("balance")), 0)
        by_account = {
            account: sum(lines.mapped("balance"))
            for account, lines in entry.line_ids.grouped("account_id").items()
        }
        payable = self.accounts["nka_payable_account_id"]
        self.assertEqual(-by_account[payable], float(self._by_hand()))
        bonus = self.accounts["nka_bonus_account_id"]
        self.assertEqual(
            by_account[bonus],
            float(self._lines_by_hand("bonus") + self._lines_by_hand("carry")),
        )
        owed = entry.line_ids.filtered(lambda line: line.account_id == payable)
        self.assertEqual(
            sorted(owed.mapped("credit")),
            sorted(self.close.statement_ids.mapped("total_amount")),
        )
        self.assertEqual(self.close.entry_state, "draft")
        self.assertTrue(self._events(self.close, "entry"))
        entry.action_post()
        self.assertEqual(entry.state, "posted")

    def test_draws_have_their_own_account_if_one_is_set(self):
        advances = self.env["account.account"].create(
            {"name": "Advances", "code": "NKAA", "account_type": "asset_current"}
        )
        self._set_up(nka_carry_account_id=advances.id)
        self.close.action_make_entry()
        lines = self.close.sudo().entry_id.line_ids
        own = lines.filtered(lambda line: line.account_id == advances)
        self.assertEqual(sum(own.mapped("balance")), 30000)

    def test_created_once(self):
        entry = self._entry()
        with self.refused(UserError, "already exists"):
            self.close.with_user(self.second).action_make_entry()
        entry.unlink()
        self.close.action_make_entry()
        self.assertTrue(self.close.sudo().entry_id)

    def test_roles_and_states(self):
        self._set_up()
        for user in (self.manager, self.supervisor, self.kam_admin, self.salesman):
            with self.refused(AccessError):
                self.close.with_user(user).action_make_entry()
        december = self._new_close(DECEMBER)
        december.action_calculate()
        with self.refused(UserError, "Locked"):
            december.action_make_entry()
        with self.refused(AccessError):
            self.close.with_user(self.officer).write({"entry_id": False})
        with self.refused(AccessError):
            self.env["account.move"].with_user(self.officer).search([])

    def test_a_draft_entry_is_deleted_on_reopening(self):
        entry = self._entry()
        self.close.with_user(self.kam_admin).action_reopen(reason="A wrong invoice")
        self.assertFalse(entry.exists())
        self.assertFalse(self.close.sudo().entry_id)

    def test_a_posted_entry_blocks_reopening_until_reversed(self):
        entry = self._entry()
        entry.action_post()
        with self.refused(UserError, "reverse it first"):
            self.close.with_user(self.kam_admin).action_reopen(reason="A wrong invoice")
        entry._reverse_moves(cancel=True)
        self.close.with_user(self.kam_admin).action_reopen(reason="A wrong invoice")
        self.assertEqual(self.close.state, "open")
        self.assertTrue(entry.exists())

    def test_another_companys_accounts_are_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        journal = self.env["account.journal"].create(
            {"name": "P", "code": "OTH", "type": "general", "company_id": other.id}
        )
        with self.refused(UserError, "ompan"):
            self._set_up(nka_entry_journal_id=journal.id)
