"""Money counts while it is posted: drafts, payments set back, rejected or cancelled, entries
and statement lines. Their reconciliations stay, and no partial is touched.
"""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError

from .test_settled import KindsCase

MARCH = date(2025, 3, 3)
LATER_IN_MARCH = date(2025, 3, 20)
APRIL = date(2025, 4, 10)


class MoneyCase(KindsCase):
    """The invoice of these tests is 1,000 untaxed and 150 tax, 1,150 in all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receivable = cls.client.property_account_receivable_id
        cls.bank_account = cls.bank.default_account_id

    @classmethod
    def _entry(cls, *rows, day=LATER_IN_MARCH, post=True, journal=None):
        """An entry of rows (account, debit less credit, partner or further values)."""
        lines = []
        for account, amount, *more in rows:
            vals = {
                "account_id": account.id,
                "debit": max(amount, 0),
                "credit": max(-amount, 0),
                "partner_id": cls.client.id,
            }
            for extra in more:
                vals.update(
                    extra if isinstance(extra, dict) else {"partner_id": extra.id}
                )
            lines.append(Command.create(vals))
        entry = cls.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "line_ids": lines,
                **({"journal_id": journal.id} if journal else {}),
            }
        )
        if post:
            entry.action_post()
        return entry

    @classmethod
    def _paid_entry(cls, amount=1150, **kwargs):
        return cls._entry(
            (cls.bank_account, amount), (cls.receivable, -amount), **kwargs
        )

    def _new_account(self, name, kind="asset_current", reconcile=False):
        return self.env["account.account"].create(
            {
                "name": name,
                "code": f"X{len(self.env['account.account'].search([]))}",
                "account_type": kind,
                "reconcile": reconcile,
            }
        )

    def assertBuilt(self, expected, user=None):
        """What a build makes of the ledger, and that a full one finds no more."""
        self._build()
        self.assertCredits(expected, user)
        self.assertEqual(self._build(is_full=True), 0)


class TestUnposted(MoneyCase):
    def setUp(self):
        super().setUp()
        self.invoice = self._invoice(1000, MARCH)

    def test_a_payment_set_back_to_draft_counts_again_when_it_is_posted(self):
        payment = self._money(1150, LATER_IN_MARCH)
        self._match(self.invoice, payment)
        self.assertBuilt({3: "1000"})
        self._age()
        payment.action_draft()
        self.assertTrue(self.invoice.line_ids.matched_credit_ids)
        self.assertBuilt({})
        payment.action_post()
        self.assertBuilt({3: "1000"})

    def test_what_a_closed_month_had_is_taken_back_in_the_first_open_one(self):
        payment = self._money(1150, LATER_IN_MARCH)
        self._match(self.invoice, payment)
        self.assertBuilt({3: "1000"})
        self._age()
        self._close_month(MARCH)
        payment.action_draft()
        self.assertBuilt({3: "1000", 4: "-1000"})
        self._close_month(APRIL)
        payment.action_post()
        self.assertBuilt({3: "1000", 4: "-1000", 5: "1000"})

    def test_a_payment_of_the_wizard_whose_entry_is_still_a_draft(self):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.client.id,
                "amount": 1150,
                "date": LATER_IN_MARCH,
                "journal_id": self.bank.id,
                "write_off_line_vals": [],
            }
        )
        self.assertEqual(payment.move_id.state, "draft")
        self._match(self.invoice, payment)
        self.assertTrue(self.invoice.line_ids.matched_credit_ids)
        self.assertBuilt({})
        self._age()
        self._close_month(MARCH)
        # Odoo calls the payment paid, since its invoice is settled, and posts nothing.
        payment.action_post()
        self.assertEqual((payment.state, payment.move_id.state), ("paid", "draft"))
        self.assertBuilt({})
        payment.move_id.action_post()
        self.assertBuilt({4: "1000"})

    def test_a_rejected_payment_is_no_money_though_its_entry_is_posted(self):
        payment = self._money(1150, LATER_IN_MARCH)
        self._match(self.invoice, payment)
        self._build()
        self._age()
        payment.action_reject()
        self.assertEqual(payment.move_id.state, "posted")
        self.assertBuilt({})
        payment.state = "in_process"
        self.assertBuilt({3: "1000"})

    def test_a_payment_cancelled_by_its_state_alone(self):
        payment = self._money(1150, LATER_IN_MARCH)
        self._match(self.invoice, payment)
        self._build()
        self._age()
        payment.write({"state": "canceled"})
        self.assertTrue(self.invoice.line_ids.matched_credit_ids)
        self.assertBuilt({})

    def test_a_cancelled_payment(self):
        payment = self._money(1150, LATER_IN_MARCH)
        self._match(self.invoice, payment)
        self._build()
        self._age()
        payment.action_cancel()
        self.assertBuilt({})

    def test_an_entry_matched_as_a_draft_counts_once_it_is_posted(self):
        entry = self._paid_entry(post=False)
        self._match(self.invoice, entry)
        self.assertTrue(self.invoice.line_ids.matched_credit_ids)
        self.assertBuilt({})
        self._age()
        entry.action_post()
        self.assertBuilt({3: "1000"})
        entry.button_draft()
        self.assertBuilt({})

    def test_a_statement_line_set_back_to_draft(self):
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": LATER_IN_MARCH,
                "amount": 1150,
                "partner_id": self.client.id,
                "payment_ref": "in",
            }
        )
        line.move_id.button_draft()
        suspense = line.move_id.line_ids.filtered(
            lambda row: row.account_id == self.bank.suspense_account_id
        )
        suspense.account_id = self.receivable
        line.move_id.action_post()
        self._match(self.invoice, line.move_id)
        self.assertBuilt({3: "1000"})
        self._age()
        line.move_id.button_draft()
        self.assertTrue(self.invoice.line_ids.matched_credit_ids)
        self.assertBuilt({})
        line.move_id.action_post()
        self.assertBuilt({3: "1000"})

    def test_money_paid_back_counts_while_it_is_posted(self):
        self._match(self.invoice, self._money(1150, LATER_IN_MARCH))
        note = self._credit_note(self.invoice, APRIL, amount=400, match=False)
        refund = self._money(460, APRIL, kind="outbound")
        self._match(note, refund)
        self.assertBuilt({3: "1000", 4: "-400"})
        self._age()
        refund.action_draft()
        self.assertBuilt({3: "1000"})

    def test_one_draft_among_several_takes_back_its_own_part_only(self):
        first, second = (self._money(575, day) for day in (LATER_IN_MARCH, APRIL))
        self._match(self.invoice, first)
        self._match(self.invoice, second)
        self.assertBuilt({3: "500", 4: "500"})
        self._age()
        first.action_draft()
        self.assertBuilt({4: "500"})

    def test_a_write_off_made_of_a_posted_bank_line_is_noticed(self):
        lines = self.bank.inbound_payment_method_line_ids
        waiting = lines[0].payment_account_id
        entry = self._entry(
            (self.bank_account, 1035), (waiting, 115), (self.receivable, -1150)
        )
        self._match(self.invoice, entry)
        self.assertBuilt({3: "1000"})
        self._age()
        line = entry.line_ids.filtered(lambda row: row.account_id == waiting)
        line.account_id = self.costs
        self.assertBuilt({3: "900"})


class TestAloneByTheManager(MoneyCase):
    """The manager, as through RPC, tries to make the money themselves."""

    def test_a_manager_neither_posts_nor_matches_money(self):
        invoice = self._invoice(1000, MARCH)
        payment = self._money(1150, LATER_IN_MARCH)
        self._match(invoice, payment)
        payment.action_draft()
        forged = {
            "force_delete": True,
            "skip_readonly_check": True,
            "tracking_disable": True,
        }
        mine = payment.with_user(self.manager).with_context(**forged)
        with self.assertRaises(UserError):
            mine.action_post()
        with self.assertRaises(UserError):
            mine.write({"state": "paid"})
        with self.assertRaises(UserError):
            payment.move_id.with_user(self.manager).with_context(**forged).action_post()
        self.env.invalidate_all()
        self.assertBuilt({})

    def test_a_manager_names_no_account_as_money(self):
        with self.assertRaises(AccessError):
            self.company.with_user(self.manager).write(
                {"nka_money_account_ids": [Command.link(self.costs.id)]}
            )
        settings = self.env["nka.settings"].with_user(self.manager)
        with self.assertRaises(AccessError):
            settings.create({"nka_money_account_ids": [Command.link(self.costs.id)]})
        self.assertFalse(self.company.nka_money_account_ids)
