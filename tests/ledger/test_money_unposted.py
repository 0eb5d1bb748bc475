"""Payments count while they are posted: drafts, reset, rejected and cancelled payments,
entries and statement lines. Their reconciliations remain, and no partial is changed.
"""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError

from .common import OrdersCase
from .test_settled import KindsCase

MARCH = date(2025, 3, 3)
LATER_IN_MARCH = date(2025, 3, 20)
APRIL = date(2025, 4, 10)
PAST_ODOO = {"skip_readonly_check": True, "check_move_validity": False}


class MoneyCase(KindsCase):
    """The invoice of these tests is 1,000 untaxed and 150 tax, 1,150 in total."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receivable = cls.client.property_account_receivable_id
        cls.bank_account = cls.bank.default_account_id

    @classmethod
    def _entry(cls, *rows, day=LATER_IN_MARCH, post=True, journal=None):
        """Create an entry of rows (account, debit minus credit, partner or further
        values).
        """
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
        """Build the ledger, check the credits, and assert that a full build finds no
        more.
        """
        self._build()
        self.assertCredits(expected, user)
        self.assertEqual(self._build(is_full=True), 0)


class TestUnposted(MoneyCase):
    def setUp(self):
        super().setUp()
        self.invoice = self._invoice(1000, MARCH)

    def test_payment_reset_to_draft_counts_again_when_posted(self):
        payment = self._money(1150, LATER_IN_MARCH)
        self._match(self.invoice, payment)
        self.assertBuilt({3: "1000"})
        self._age()
        payment.action_draft()
        self.assertTrue(self.invoice.line_ids.matched_credit_ids)
        self.assertBuilt({})
        payment.action_post()
        self.assertBuilt({3: "1000"})

    def test_credit_of_a_closed_month_is_reversed_in_the_first_open_one(self):
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

    def test_payment_of_the_wizard_with_a_draft_entry(self):
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
        # Odoo sets the payment to paid because its invoice is settled, and posts
        # nothing.
        payment.action_post()
        self.assertEqual((payment.state, payment.move_id.state), ("paid", "draft"))
        self.assertBuilt({})
        payment.move_id.action_post()
        self.assertBuilt({4: "1000"})

    def test_rejected_payment_does_not_count_with_a_posted_entry(self):
        payment = self._money(1150, LATER_IN_MARCH)
        self._match(self.invoice, payment)
        self._build()
        self._age()
        payment.action_reject()
        self.assertEqual(payment.move_id.state, "posted")
        self.assertBuilt({})
        payment.state = "in_process"
        self.assertBuilt({3: "1000"})

    def test_payment_cancelled_by_its_state_only(self):
        payment = self._money(1150, LATER_IN_MARCH)
        self._match(self.invoice, payment)
        self._build()
        self._age()
        payment.write({"state": "canceled"})
        self.assertTrue(self.invoice.line_ids.matched_credit_ids)
        self.assertBuilt({})

    def test_cancelled_payment(self):
        payment = self._money(1150, LATER_IN_MARCH)
        self._match(self.invoice, payment)
        self._build()
        self._age()
        payment.action_cancel()
        self.assertBuilt({})

    def test_entry_matched_as_a_draft_counts_once_posted(self):
        entry = self._paid_entry(post=False)
        self._match(self.invoice, entry)
        self.assertTrue(self.invoice.line_ids.matched_credit_ids)
        self.assertBuilt({})
        self._age()
        entry.action_post()
        self.assertBuilt({3: "1000"})
        entry.button_draft()
        self.assertBuilt({})

    def test_statement_line_reset_to_draft(self):
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

    def test_refunds_count_while_posted(self):
        self._match(self.invoice, self._money(1150, LATER_IN_MARCH))
        note = self._credit_note(self.invoice, APRIL, amount=400, match=False)
        refund = self._money(460, APRIL, kind="outbound")
        self._match(note, refund)
        self.assertBuilt({3: "1000", 4: "-400"})
        self._age()
        refund.action_draft()
        self.assertBuilt({3: "1000"})

    def test_one_draft_among_several_reverses_its_own_part_only(self):
        first, second = (self._money(575, day) for day in (LATER_IN_MARCH, APRIL))
        self._match(self.invoice, first)
        self._match(self.invoice, second)
        self.assertBuilt({3: "500", 4: "500"})
        self._age()
        first.action_draft()
        self.assertBuilt({4: "500"})

    def test_write_off_instead_of_a_posted_bank_line_is_noticed(self):
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
    """The manager tries to create payments alone, through RPC."""

    def test_manager_can_neither_post_nor_match_payments(self):
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

    def test_manager_cannot_list_payment_accounts(self):
        with self.assertRaises(AccessError):
            self.company.with_user(self.manager).write(
                {"nka_money_account_ids": [Command.link(self.costs.id)]}
            )
        settings = self.env["nka.settings"].with_user(self.manager)
        with self.assertRaises(AccessError):
            settings.create({"nka_money_account_ids": [Command.link(self.costs.id)]})
        self.assertFalse(self.company.nka_money_account_ids)


class TestForgedAccounting(OrdersCase):
    """A user with accounting rights who is paid by accounting figures tries to
    overwrite them.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for group in (
            "account.group_account_invoice",
            "account.group_account_user",
            "sales_team.group_sale_manager",
        ):
            cls.manager.group_ids += cls.env.ref(group)
        cls.move = cls._bill(cls._order(MARCH, 700) | cls._order(APRIL, 300))
        cls._pay(cls.move, 400, APRIL)
        cls.partial = cls.move.line_ids.matched_credit_ids

    def assertRefused(self, records, word, **vals):
        for context in ({}, PAST_ODOO):
            own = records.with_user(self.manager).with_context(**context)
            with self.assertRaisesRegex(AccessError, word):
                own.write(vals)

    def assertUntouched(self):
        self.env.invalidate_all()
        self._build()
        self._assert_both({4: "280"}, {4: "120"})

    def test_amounts_of_an_invoice(self):
        for name in (
            "amount_untaxed_signed",
            "amount_untaxed",
            "amount_total",
            "amount_total_signed",
        ):
            self.assertRefused(self.move, "change the amounts of", **{name: 90000})
        self.assertUntouched()

    def test_amounts_of_a_draft_posted_by_another_user(self):
        draft = self._bill(self._order(MARCH, 10), post=False)
        self.assertRefused(draft, "change the amounts of", amount_untaxed_signed=9000)

    def test_amounts_sent_with_a_new_invoice(self):
        """Odoo computes them from the lines."""
        draft = self.env["account.move"].with_user(self.manager)
        draft = draft.with_context(default_amount_untaxed_signed=9000).create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client.id,
                "amount_untaxed_signed": 9000,
                "invoice_line_ids": [
                    Command.create({"name": "A", "price_unit": 10, "tax_ids": []})
                ],
            }
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(draft.amount_untaxed_signed, 10)

    def test_date_of_a_posted_invoice(self):
        own = self.move.with_user(self.manager).with_context(**PAST_ODOO)
        for name in ("invoice_date", "date"):
            with self.assertRaisesRegex(AccessError, "Reset it to draft"):
                own.write({name: MARCH})
        self.assertUntouched()

    def test_sales_line_turned_into_a_tax_line(self):
        line = self.move.invoice_line_ids[0]
        self.assertRefused(line, "enter the line again", display_type="tax")
        self.assertUntouched()

    def test_a_match(self):
        other = self._bill(self._order(APRIL, 50))
        for name, value in (
            ("max_date", MARCH),
            ("debit_amount_currency", 90000),
            ("credit_amount_currency", 90000),
            ("amount", 90000),
            ("debit_move_id", other.line_ids.filtered("date_maturity")[:1].id),
        ):
            self.assertRefused(self.partial, "match them again", **{name: value})
        self.assertUntouched()

    def test_match_created_with_its_date(self):
        partials = self.env["account.partial.reconcile"].with_user(self.manager)
        with self.assertRaisesRegex(AccessError, "match them again"):
            partials.create({"max_date": MARCH})

    def test_match_above_the_amount_available(self):
        """A payment of 1 credits 1, in one match or several, for one invoice or two."""
        payment = self._money(1, APRIL)
        open_items = [
            self._receivable(self._bill(self._order(MARCH, 1000))) for _ in range(2)
        ]
        money = self._receivable(payment.move_id)
        partials = self.env["account.partial.reconcile"].with_user(self.manager)

        def match(item, amount, debit, credit):
            partials.create(
                {
                    "debit_move_id": item.id,
                    "credit_move_id": money.id,
                    "amount": amount,
                    "debit_amount_currency": debit,
                    "credit_amount_currency": credit,
                }
            )

        for amounts in ((1000, 1000, 1000), (1, 1000, 1), (1, 1, 1000)):
            with (
                self.assertRaisesRegex(AccessError, "match them again"),
                self.cr.savepoint(),
            ):
                match(open_items[0], *amounts)
            self.env.invalidate_all()
        match(open_items[0], 1, 1, 1)
        for item in open_items:
            with (
                self.assertRaisesRegex(AccessError, "match them again"),
                self.cr.savepoint(),
            ):
                match(item, 1, 1, 1)
            self.env.invalidate_all()
        self._build()
        self._assert_both({4: "281"}, {4: "120"})

    def _receivable(self, move):
        return move.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )

    def test_currencies_are_matched_as_before(self):
        """Foreign invoices with payments in either currency, partial and full."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        for day, rate in ((date(2025, 1, 1), 0.437), (APRIL, 0.5113)):
            self.env["res.currency.rate"].create(
                {"currency_id": euro.id, "name": day, "rate": rate}
            )
        payments = self.env["account.payment.register"].with_user(self.manager)
        for currency in (euro, self.company.currency_id):
            for part in (0.37, 0.999, 1):
                move = self._invoice(
                    777.77, MARCH, taxes=self.tax.browse(), currency_id=euro.id
                )
                wizard = payments.with_context(
                    active_model="account.move", active_ids=move.ids
                ).create(
                    {
                        "payment_date": APRIL,
                        "journal_id": self.bank.id,
                        "currency_id": currency.id,
                    }
                )
                wizard.amount = round(wizard.amount * part, 2)
                wizard._create_payments()
                self.assertTrue(move.line_ids.matched_credit_ids)

    def test_accounting_works_as_before(self):
        own = self.move.with_user(self.manager)
        self.partial.with_user(self.manager).unlink()
        own.button_draft()
        own.invoice_line_ids[0].price_unit = 800
        own.action_post()
        payments = self.env["account.payment.register"].with_user(self.manager)
        payments.with_context(active_model="account.move", active_ids=own.ids).create(
            {"payment_date": APRIL, "journal_id": self.bank.id}
        )._create_payments()
        self.assertTrue(self.move.amount_residual == 0)
