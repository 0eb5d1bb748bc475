"""Every way a client settles an invoice; amounts calculated by hand.

The invoice of these tests is 1,000 untaxed and 150 tax, 1,150 in total.
"""

from datetime import date, timedelta

from odoo import Command, fields

from .common import LedgerCase

MARCH = date(2025, 3, 3)
LATER_IN_MARCH = date(2025, 3, 20)
APRIL = date(2025, 4, 10)


class KindsCase(LedgerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax.amount = 15
        cls.costs = cls.env["account.account"].search(
            [
                ("account_type", "=", "expense"),
                ("company_ids", "in", cls.company.ids),
            ],
            limit=1,
        )


class TestSettled(KindsCase):
    def test_write_off_counts_only_the_payment(self):
        invoice = self._invoice(1000, MARCH)
        self._pay(
            invoice,
            1035,
            LATER_IN_MARCH,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.costs.id,
        )
        self._build()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertCredits({3: "900"})

    def test_early_payment_discount_counts_only_the_payment(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "2 % in 10 days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "early_pay_discount_computation": "included",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 30}
                    )
                ],
            }
        )
        invoice = self._invoice(
            1000, MARCH, invoice_payment_term_id=term.id, invoice_date_due=False
        )
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"payment_date": date(2025, 3, 5), "journal_id": self.bank.id})
        )
        self.assertEqual(wizard.amount, 1127)
        wizard._create_payments()
        self._build()
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertCredits({3: "980"})

    def test_overpayment_credits_the_invoice_only(self):
        invoice = self._invoice(1000, MARCH)
        payment = self._money(1500, LATER_IN_MARCH)
        self._match(invoice, payment)
        self._build()
        self.assertCredits({3: "1000"})

    def test_instalments(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Half now, half in a month",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (0, 30)
                ],
            }
        )
        invoice = self._invoice(
            1000, MARCH, invoice_payment_term_id=term.id, invoice_date_due=False
        )
        self._match(invoice, self._money(575, LATER_IN_MARCH))
        self._build()
        self.assertCredits({3: "500"})
        self._match(invoice, self._money(575, APRIL))
        self._build()
        self.assertCredits({3: "500", 4: "500"})

    def test_bad_debt_entry_does_not_count(self):
        invoice = self._invoice(1000, MARCH)
        receivable = invoice.line_ids.filtered(
            lambda row: row.display_type == "payment_term"
        )
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": LATER_IN_MARCH,
                "line_ids": [
                    Command.create({"account_id": self.costs.id, "debit": 1150}),
                    Command.create(
                        {
                            "account_id": receivable.account_id.id,
                            "partner_id": self.client.id,
                            "credit": 1150,
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        self._match(invoice, entry)
        self._build()
        self.assertEqual(invoice.amount_residual, 0)
        self.assertCredits({})

    def test_several_invoices_by_one_payment(self):
        invoices = self._invoice(1000, MARCH) | self._invoice(2000, MARCH)
        self._pay(invoices, 3450, LATER_IN_MARCH)
        self._build()
        self.assertCredits({3: "3000"})

    def test_one_payment_for_two_invoices_short_of_the_second(self):
        first, second = self._invoice(1000, MARCH), self._invoice(2000, MARCH)
        payment = self._money(2300, LATER_IN_MARCH)
        self._match(first, payment)
        self._match(second, payment)
        self._build()
        self.assertCredits({3: "2000"})

    def test_payment_before_the_invoice_counts_when_matched(self):
        payment = self._money(1150, MARCH)
        self._build()
        self.assertCredits({})
        invoice = self._invoice(1000, APRIL)
        self._match(invoice, payment)
        self._build()
        self.assertCredits({4: "1000"})

    def test_statement_line_without_a_payment_counts(self):
        invoice = self._invoice(1000, MARCH)
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": LATER_IN_MARCH,
                "amount": 1035,
                "partner_id": self.client.id,
                "payment_ref": "in",
            }
        )
        receivable = invoice.line_ids.filtered(
            lambda row: row.display_type == "payment_term"
        )
        suspense = line.move_id.line_ids.filtered(
            lambda row: row.account_id == self.bank.suspense_account_id
        )
        line.move_id.button_draft()
        suspense.with_context(check_move_validity=False).write(
            {
                "account_id": receivable.account_id.id,
                "credit": 1150,
                "amount_currency": -1150,
            }
        )
        self.env["account.move.line"].create(
            {
                "move_id": line.move_id.id,
                "account_id": self.costs.id,
                "debit": 115,
                "amount_currency": 115,
            }
        )
        line.move_id.action_post()
        self._match(invoice, line.move_id)
        self._build()
        self.assertEqual(invoice.amount_residual, 0)
        self.assertCredits({3: "900"})

    def test_cash_rounding_credits_to_the_cent(self):
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": "5 cents",
                "rounding": 0.05,
                "strategy": "add_invoice_line",
                "profit_account_id": self.costs.id,
                "loss_account_id": self.costs.id,
            }
        )
        invoice = self._invoice(99.99, MARCH, invoice_cash_rounding_id=rounding.id)
        self.assertEqual(invoice.amount_total, 115.00)
        self._match(invoice, self._money(57.5, LATER_IN_MARCH))
        self._match(invoice, self._money(57.5, APRIL))
        self._build()
        self.assertEqual(self._credited(), self._decimal(invoice.amount_untaxed_signed))

    @staticmethod
    def _decimal(value):
        from decimal import Decimal

        return Decimal(str(value))


class TestReversed(KindsCase):
    def test_credit_note_is_no_payment_and_keeps_what_was_received(self):
        invoice = self._invoice(1000, MARCH)
        self._match(invoice, self._money(575, LATER_IN_MARCH))
        self._credit_note(invoice, APRIL, amount=500)
        self._build()
        self.assertEqual(invoice.amount_residual, 0)
        self.assertCredits({3: "500"})

    def test_full_credit_note_of_an_unpaid_invoice_adds_nothing(self):
        invoice = self._invoice(1000, MARCH)
        self._credit_note(invoice, APRIL)
        self._build()
        self.assertCredits({})

    def test_refund_of_a_credit_note_reverses_the_credit(self):
        invoice = self._invoice(1000, MARCH)
        self._match(invoice, self._money(1150, LATER_IN_MARCH))
        note = self._credit_note(invoice, APRIL, amount=400, match=False)
        self._match(note, self._money(460, APRIL, kind="outbound"))
        self._build()
        self.assertCredits({3: "1000", 4: "-400"})
        refund = self._lines().filtered(lambda row: row.kind == "refund")
        self.assertEqual(refund.origin_date, LATER_IN_MARCH)

    def test_undone_after_the_close_is_a_negative_line(self):
        invoice = self._invoice(1000, MARCH)
        payment = self._money(1150, LATER_IN_MARCH)
        self._match(invoice, payment)
        self._build()
        self._close_month(MARCH)
        payment.move_id.line_ids.remove_move_reconcile()
        self._build()
        self.assertCredits({3: "1000", 4: "-1000"})
        line = self._lines()[-1]
        self.assertEqual((line.date, line.reason), (date(2025, 4, 1), "undone"))
        self.assertEqual(line.corrects_id, self._lines()[0])

    def test_payment_in_a_closed_month_counts_in_the_open_one(self):
        invoice = self._invoice(1000, MARCH)
        self._build()
        self._close_month(MARCH)
        self._match(invoice, self._money(1150, LATER_IN_MARCH))
        self._build()
        self.assertCredits({4: "1000"})
        self.assertEqual(self._lines().reason, "late")
        self.assertEqual(self._lines().event_date, LATER_IN_MARCH)

    def test_reset_to_draft_and_posted_again(self):
        invoice = self._invoice(1000, MARCH)
        payment = self._money(1150, LATER_IN_MARCH)
        self._match(invoice, payment)
        self._build()
        invoice.button_draft()
        self._build()
        self.assertCredits({})
        invoice.invoice_line_ids.price_unit = 800
        invoice.action_post()
        self._match(invoice, payment)
        self._build()
        self.assertCredits({3: "800"})


class TestCurrencies(KindsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True
        cls.env["res.currency.rate"].create(
            [
                {"currency_id": cls.euro.id, "name": date(2025, 1, 1), "rate": 0.5},
                {"currency_id": cls.euro.id, "name": date(2025, 4, 1), "rate": 0.4},
            ]
        )

    def test_rate_of_the_invoice_counts_whatever_the_payment_rate(self):
        """1,000 EUR at 2 USD, paid in April at 2.5: 2,000 USD, without the exchange
        gain.
        """
        invoice = self._invoice(1000, MARCH, currency_id=self.euro.id)
        self._pay(invoice, 1150, APRIL, currency_id=self.euro.id)
        self._build()
        self.assertEqual(invoice.amount_residual, 0)
        self.assertCredits({4: "2000"})

    def test_foreign_invoice_paid_in_company_currency(self):
        invoice = self._invoice(1000, MARCH, currency_id=self.euro.id)
        self._pay(invoice, 1437.5, APRIL, currency_id=self.company.currency_id.id)
        self._build()
        self.assertCredits({4: "1000"})

    def test_company_currency_invoice_paid_in_foreign_currency(self):
        invoice = self._invoice(1000, MARCH)
        self._pay(invoice, 230, APRIL, currency_id=self.euro.id)
        self._build()
        self.assertCredits({4: "500"})


class TestPaid(LedgerCase):
    def test_partial_payments_credit_the_untaxed_amount_to_the_cent(self):
        invoice = self._invoice(1000000, date(2025, 11, 3))
        self._pay(invoice, 480000, date(2025, 11, 20))
        self._build()
        self.assertCredits({11: "400000"})
        self._pay(invoice, 600000, date(2025, 12, 5))
        self._credit_note(invoice, date(2025, 12, 10), amount=100000)
        self._build()
        self.assertCredits({11: "400000", 12: "500000"})

    def test_second_build_writes_nothing(self):
        invoice = self._invoice(1000, date(2025, 3, 3))
        self._pay(invoice, 1200, date(2025, 3, 20))
        self.assertEqual(self._build(), 1)
        self.assertEqual(self._build(), 0)
        self.assertEqual(self._build(is_full=True), 0)
        self.assertCredits({3: "1000"})

    def test_undone_in_the_open_month_nets_to_zero(self):
        invoice = self._invoice(1000, date(2025, 3, 3))
        payment = self._pay(invoice, 1200, date(2025, 3, 20))
        self._build()
        payment.move_id.line_ids.remove_move_reconcile()
        self.assertEqual(self._build(), 1)
        self.assertCredits({})
        first, second = self._lines()
        self.assertEqual(second.corrects_id, first)
        self.assertEqual(second.reason, "undone")
        self._match(invoice, payment)
        self._build()
        self.assertCredits({3: "1000"})


class TestReceipts(LedgerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.day = fields.Date.today() - timedelta(days=40)
        none = cls.tax.browse()
        cls.receipt = cls._invoice(50000, cls.day, taxes=none, move_type="out_receipt")
        cls._pay(cls.receipt, 50000, cls.day)
        cls.invoice = cls._invoice(1000, cls.day, taxes=none)

    def _revenue(self):
        self.env.invalidate_all()
        return self.account.trailing_revenue

    def test_figure_list_history_and_qualification_agree(self):
        self.assertEqual(self._revenue(), 51000)
        mine = self.account.with_user(self.manager)
        action = mine.action_open_invoices()
        found = (
            self.env["account.move"].with_user(self.manager).search(action["domain"])
        )
        self.assertEqual(found, self.receipt | self.invoice)
        self.assertEqual(sum(found.mapped("amount_untaxed_signed")), 51000)
        self.env["nka.sales.history"]._refresh(self.company)
        rows = self.env["nka.sales.history"].search(
            [("key_account_id", "=", self.account.id)]
        )
        self.assertEqual(sum(rows.mapped("invoiced_amount")), 51000)
        qualification = self.account.qualification_ids[:1].copy()
        self.assertEqual(qualification.trailing_revenue, 51000)

    def test_supervisor_finds_it_too(self):
        found = self.env["account.move"].with_user(self.supervisor)
        self.assertIn(self.receipt, found.search([("id", "=", self.receipt.id)]))
        lines = self.env["account.move.line"].with_user(self.supervisor)
        self.assertTrue(lines.search([("move_id", "=", self.receipt.id)]))

    def test_other_users_do_not_find_it(self):
        found = self.env["account.move"].with_user(self.colleague)
        self.assertFalse(found.search([("id", "=", self.receipt.id)]))

    def test_qualification_states_the_date_of_its_figure(self):
        qualification = self.account.qualification_ids[:1].copy()
        self._invoice(500, self.day, taxes=self.tax.browse())
        self.env.invalidate_all()
        self.assertEqual(qualification.trailing_revenue, 51000)
        self.assertEqual(qualification.revenue_today, 51500)
        self.assertEqual(qualification.facts_date, fields.Date.today())
        qualification.action_refresh_facts()
        self.assertEqual(qualification.trailing_revenue, 51500)

    def test_credited_when_paid(self):
        self.assertEqual(self.receipt.move_type, "out_receipt")
        self._build()
        self.assertCredits({date(self.day.year, self.day.month, 1): "50000"})

    def assertCredits(self, expected, user=None):
        found = {}
        for line in self._lines(user):
            month = line.date.replace(day=1)
            found[month] = found.get(month, 0) + line.amount
        self.assertEqual(found, {day: float(sum_) for day, sum_ in expected.items()})
