"""One payment for several invoices: how discounts and write-offs are divided."""

from datetime import date

from odoo import Command

from .test_money_unposted import MoneyCase

DAY = date(2025, 3, 5)
LATE = date(2025, 3, 28)
MARCH = date(2025, 3, 3)


class DiscountCase(MoneyCase):
    """The manager owns the first client's account entirely, the colleague the other
    client's. Invoices are without tax by default.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.none = cls.tax.browse()
        cls.term = cls._discount_term(10)
        # Not the one for early payment discounts, which is an expense account too.
        cls.costs = cls.env["account.account"].create(
            {"name": "Written off", "code": "WOFF", "account_type": "expense"}
        )

    @classmethod
    def _discount_term(cls, percent, computation="included"):
        return cls.env["account.payment.term"].create(
            {
                "name": f"{percent} % in 10 days",
                "early_discount": True,
                "discount_percentage": percent,
                "discount_days": 10,
                "early_pay_discount_computation": computation,
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 30}
                    )
                ],
            }
        )

    def _bill(self, amount, term=None, taxes=None, client=None, day=MARCH, **vals):
        if term:
            vals.update(invoice_payment_term_id=term.id, invoice_date_due=False)
        return self._invoice(
            amount, day, client, self.none if taxes is None else taxes, **vals
        )

    def _register(self, moves, day=DAY, **vals):
        """Pay all invoices with one payment, as the wizard proposes."""
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create(
                {
                    "payment_date": day,
                    "journal_id": self.bank.id,
                    "group_payment": True,
                    **vals,
                }
            )
        )
        payment = wizard._create_payments()
        self.assertEqual(len(payment), 1)
        return payment

    def _of(self, move):
        """Return the amount credited for an invoice, to any person."""
        lines = self.env["nka.bonus.line"].search([("move_ref", "=", move.id)])
        return round(sum(lines.mapped("amount")), 2)

    def assertOf(self, *pairs):
        self._build()
        self.assertEqual(
            [self._of(move) for move, _sum in pairs], [p[1] for p in pairs]
        )
        self.assertEqual(self._build(is_full=True), 0)


class TestEarlyDiscount(DiscountCase):
    def test_discount_belongs_to_the_invoice_that_granted_it(self):
        early, plain = self._bill(1000, self.term), self._bill(1000)
        payment = self._register(early | plain)
        self.assertEqual(payment.amount, 1900)
        self.assertEqual((early | plain).mapped("amount_residual"), [0, 0])
        self.assertOf((early, 900), (plain, 1000))

    def test_order_of_the_invoices_does_not_matter(self):
        plain, early = self._bill(1000), self._bill(1000, self.term)
        self._register(plain | early)
        self.assertOf((early, 900), (plain, 1000))

    def test_tax_included_excluded_or_mixed(self):
        for computation in ("included", "excluded", "mixed"):
            with self.subTest(computation):
                term = self._discount_term(10, computation)
                early = self._bill(1000, term, self.tax)
                plain = self._bill(1000, None, self.tax)
                payment = self._register(early | plain)
                self.assertEqual((early | plain).mapped("amount_residual"), [0, 0])
                arrived = payment.amount - plain.amount_total
                right = round(1000 * arrived / early.amount_total, 2)
                self.assertLess(right, 920)
                self.assertOf((early, right), (plain, 1000))

    def test_several_discounts_at_several_rates(self):
        five = self._discount_term(5)
        moves = [self._bill(1000, self.term), self._bill(2000, five), self._bill(300)]
        payment = self._register(moves[0] | moves[1] | moves[2])
        self.assertEqual(payment.amount, 3100)
        self.assertOf((moves[0], 900), (moves[1], 1900), (moves[2], 300))

    def test_foreign_currency_at_the_rates_of_the_invoices(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            [
                {"currency_id": euro.id, "name": date(2025, 1, 1), "rate": 0.5},
                {"currency_id": euro.id, "name": date(2025, 3, 5), "rate": 0.4},
            ]
        )
        early = self._bill(1000, self.term, currency_id=euro.id)
        plain = self._bill(1000, currency_id=euro.id)
        payment = self._register(early | plain)
        self.assertEqual((payment.amount, payment.currency_id), (1900, euro))
        self.assertOf((early, 1800), (plain, 2000))

    def test_expired_discount_is_a_write_off_of_both(self):
        early, plain = self._bill(1000, self.term), self._bill(1000)
        self._register(
            early | plain,
            LATE,
            amount=1900,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.costs.id,
        )
        self.assertOf((early, 950), (plain, 950))

    def test_discount_in_time_comes_before_an_expired_one(self):
        lapsed = self._bill(1000, self.term)
        early = self._bill(1000, self.term, day=date(2025, 3, 20))
        payment = self._register(lapsed | early, date(2025, 3, 25))
        self.assertEqual(payment.amount, 1900)
        self.assertOf((lapsed, 1000), (early, 900))

    def test_reconciled_in_steps_as_at_once(self):
        early, plain = self._bill(1000, self.term), self._bill(1000)
        discount = self.company.account_journal_early_pay_discount_loss_account_id
        entry = self._entry(
            (self.bank_account, 1900),
            (discount, 100),
            (self.receivable, -2000),
            day=DAY,
        )
        self._match(plain, entry)
        self.assertOf((early, 0), (plain, 950))
        self._age()
        self._match(early, entry)
        self.assertOf((early, 900), (plain, 1000))

    def test_other_account_with_exactly_the_discount(self):
        early, plain = self._bill(1000, self.term), self._bill(1000)
        entry = self._entry(
            (self.bank_account, 1900),
            (self.costs, 100),
            (self.receivable, -2000),
            day=DAY,
        )
        self._match(plain, entry)
        self.assertOf((early, 0), (plain, 950))
        self._age()
        self._close_month(MARCH)
        self._match(early, entry)
        self.assertOf((early, 900), (plain, 1000))
        self._age()
        early.line_ids.remove_move_reconcile()
        self.assertOf((early, 0), (plain, 950))

    def test_changed_terms_of_an_invoice_move_its_discount(self):
        early, plain = self._bill(1000, self.term), self._bill(1000)
        self._register(early | plain)
        self.assertOf((early, 900), (plain, 1000))
        self._age()
        early.button_draft()
        early.invoice_payment_term_id = False
        early.action_post()
        self.assertOf((early, 950), (plain, 950))

    def test_by_a_statement_line(self):
        early, plain = self._bill(1000, self.term), self._bill(1000)
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": DAY,
                "amount": 1900,
                "partner_id": self.client.id,
                "payment_ref": "in",
            }
        )
        move = line.move_id
        move.button_draft()
        suspense = move.line_ids - move.line_ids.filtered(
            lambda row: row.account_id == self.bank_account
        )
        discount = self.company.account_journal_early_pay_discount_loss_account_id
        move.write(
            {
                "line_ids": [
                    Command.delete(suspense.id),
                    Command.create({"account_id": discount.id, "debit": 100}),
                    *(
                        Command.create(
                            {
                                "account_id": self.receivable.id,
                                "partner_id": self.client.id,
                                "credit": 1000,
                            }
                        )
                        for _invoice in range(2)
                    ),
                ]
            }
        )
        move.action_post()
        self._match(early, plain, move)
        self.assertOf((early, 900), (plain, 1000))


class TestFreeWriteOff(DiscountCase):
    def _write_off(self, moves, amount, **vals):
        return self._register(
            moves,
            amount=amount,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.costs.id,
            **vals,
        )

    def test_spread_over_the_invoices_it_was_made_for(self):
        first, second = self._bill(1000), self._bill(3000)
        self._write_off(first | second, 3600)
        self.assertOf((first, 900), (second, 2700))

    def test_spread_also_if_one_had_an_unused_discount(self):
        early, plain = self._bill(1000, self.term), self._bill(1000)
        self._write_off(early | plain, 1800)
        self.assertOf((early, 900), (plain, 900))

    def test_discount_and_write_off_in_one_entry(self):
        early, plain = self._bill(1000, self.term), self._bill(1000)
        discount = self.company.account_journal_early_pay_discount_loss_account_id
        entry = self._entry(
            (self.bank_account, 1710),
            (discount, 100),
            (self.costs, 190),
            (self.receivable, -2000),
            day=DAY,
        )
        self._match(early, plain, entry)
        self.assertOf((early, 810), (plain, 900))

    def test_part_of_the_payment_is_not_matched(self):
        first = self._bill(1000)
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.client.id,
                "amount": 1800,
                "date": DAY,
                "journal_id": self.bank.id,
                "write_off_line_vals": [
                    {
                        "name": "Write-off",
                        "account_id": self.costs.id,
                        "partner_id": self.client.id,
                        "currency_id": self.company.currency_id.id,
                        "amount_currency": 200,
                        "balance": 200,
                    }
                ],
            }
        )
        payment.action_post()
        self._match(first, payment)
        self.assertOf((first, 900))

    def test_repeating_fractions_add_up_within_the_invoice(self):
        moves = [self._bill(amount) for amount in (100, 100, 100)]
        self._write_off(moves[0] | moves[1] | moves[2], 200)
        self.assertOf(*((move, 66.67) for move in moves))

    def test_overpayment_booked_as_income_reduces_nothing(self):
        invoice = self._bill(1000)
        self._write_off(invoice, 1020)
        self.assertOf((invoice, 1000))
