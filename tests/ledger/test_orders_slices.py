"""Invoices of several orders: each line counts on the day of its own order.

What is added to an order later counts on its own day, and an order never counts with
more than it is worth.
"""

from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command

from .common import APRIL, FIRST_OF_APRIL, MARCH, OrdersCase

MAY, AUGUST = date(2025, 5, 12), date(2025, 8, 15)
JUNE = date(2025, 6, 16)


class SlicesCase(OrdersCase):
    def _draft_note(self, move, day):
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"date": day, "journal_id": move.journal_id.id})
        )
        note = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        note.invoice_date = day
        return note


class TestSlicesInvoiced(SlicesCase):
    BASIS = "invoiced"

    def test_each_line_counts_for_its_own_order(self):
        """FACTS: 1.00 before the handover, 300,000.00 after it, invoiced together."""
        self._bill(self._order(MARCH, 1) | self._order(APRIL, 300000))
        self._build()
        self._assert_both({4: "1.00"}, {4: "300000.00"})
        line = self._lines()
        self.assertEqual(
            (line.untaxed, line.part_untaxed, line.percent), (300001, 1, 100)
        )
        self.assertNothingMissed()

    def test_lines_without_an_order_count_on_the_invoice_date(self):
        move = self._bill(self._order(MARCH, 700), post=False)
        freight = {"name": "Freight", "price_unit": 55, "tax_ids": []}
        move.invoice_line_ids = [Command.create(freight)]
        move.action_post()
        self._build()
        self._assert_both({4: "700"}, {4: "55"})

    def test_orders_of_one_owner_are_one_credit(self):
        self._bill(self._order(MARCH, 100) | self._order(MARCH - timedelta(9), 30))
        self._build()
        self._assert_both({4: "130"}, {})
        self.assertEqual(len(self._lines()), 1)
        self.assertEqual(self._lines().part_untaxed, 130)

    def test_rebate_is_deducted_from_its_own_order(self):
        self._bill(self._order(MARCH, 1000, -900) | self._order(APRIL, 50))
        self._build()
        self._assert_both({4: "100"}, {4: "50"})

    def test_part_below_zero(self):
        """It is deducted from the others: no one gets more than the invoice is worth."""
        self._bill(self._order(MARCH, -40) | self._order(APRIL, 500))
        self._build()
        self._assert_both({}, {4: "460"})

    def test_parts_that_add_up_to_zero(self):
        self._bill(self._order(MARCH, 80) | self._order(APRIL, -80))
        self._build()
        self._assert_both({}, {})

    def test_free_line_takes_no_remainder(self):
        self._bill(self._order(MARCH, 33.33) | self._order(APRIL, 0))
        self._build()
        self._assert_both({4: "33.33"}, {})

    def test_foreign_currency_invoice_is_split_in_company_currency(self):
        """3.00 at 0.9 is 3.33 each and 10.00 in total: the last line takes the
        remainder.
        """
        prices = self._euro_prices(0.9)
        orders = [
            self._order(day, 3, pricelist_id=prices.id) for day in (MARCH, APRIL, APRIL)
        ]
        move = self._bill(orders[0] | orders[1] | orders[2])
        self.assertEqual(move.currency_id, prices.currency_id)
        self._build()
        whole = sum(
            self._credited(user=user) for user in (self.manager, self.colleague)
        )
        self.assertEqual(float(whole), round(move.amount_untaxed_signed, 2))
        first = move.invoice_line_ids.filtered(
            lambda line: line.sale_line_ids.order_id == orders[0]
        )
        self.assertEqual(float(self._credited()), -first.balance)

    def test_cash_rounding_belongs_to_the_last_line(self):
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": "To 5",
                "rounding": 5,
                "strategy": "add_invoice_line",
                "profit_account_id": self.env["account.account"]
                .search([("account_type", "=", "income")], limit=1)
                .id,
                "loss_account_id": self.env["account.account"]
                .search([("account_type", "=", "expense")], limit=1)
                .id,
            }
        )
        move = self._bill(
            self._order(MARCH, 102) | self._order(APRIL, 101),
            post=False,
            invoice_cash_rounding_id=rounding.id,
        )
        move.action_post()
        self.assertEqual(move.amount_untaxed, 205)
        self._build()
        self._assert_both({4: "102"}, {4: "103"})

    def test_down_payment_and_final_invoice_follow_their_order(self):
        order = self._order(MARCH, 1000)
        other = self._order(APRIL, 300)
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=order.ids)
            .create({"advance_payment_method": "fixed", "fixed_amount": 200})
        )
        wizard.create_invoices()
        deposit = order.invoice_ids
        deposit.invoice_date = APRIL
        deposit.action_post()
        self._build()
        self._assert_both({4: "200"}, {})
        final = (order | other)._create_invoices(final=True)
        final.invoice_date = MAY
        final.action_post()
        self.assertEqual(final.amount_untaxed, 1100)
        self._build()
        self._assert_both({4: "200", 5: "800"}, {5: "300"})

    def test_full_credit_note_reverses_each_credit(self):
        move = self._bill(self._order(MARCH, 33.33) | self._order(APRIL, 66.68))
        self._credit_note(move, MAY)
        self._build()
        self._assert_both({4: "33.33", 5: "-33.33"}, {4: "66.68", 5: "-66.68"})

    def test_partial_credit_note_reverses_all_orders_proportionally(self):
        """The text of the note's only line makes no difference: source × note /
        invoice.
        """
        move = self._bill(self._order(MARCH, 300) | self._order(APRIL, 700))
        note = self._draft_note(move, MAY)
        note.invoice_line_ids[1:].unlink()
        note.invoice_line_ids.price_unit = 100
        note.action_post()
        self._build()
        self._assert_both({4: "300", 5: "-30"}, {4: "700", 5: "-70"})

    def test_credit_notes_in_pieces_reverse_everything(self):
        move = self._bill(
            self._order(MARCH, 0.05) | self._order(APRIL, 0.05, 0.01), MARCH
        )
        for number in range(11):
            note = self._draft_note(move, MAY + timedelta(number))
            note.invoice_line_ids[1:].unlink()
            note.invoice_line_ids.price_unit = 0.01
            note.action_post()
        self._build()
        self.assertEqual(self._credited(), 0)
        self.assertEqual(self._credited(user=self.colleague), 0)
        self.assertNothingMissed()

    def test_shares_within_a_part(self):
        """From 1 April both have a share; each order is split by the shares of its own
        day.
        """
        later = self.account.assignment_ids.filtered(
            lambda row: row.date_from == FIRST_OF_APRIL
        )
        later._unlocked().write({"share": 75})
        self.env["nka.assignment"]._unlocked().create(
            {
                "key_account_id": self.account.id,
                "user_id": self.manager.id,
                "date_from": FIRST_OF_APRIL,
                "share": 25,
            }
        )
        self._bill(self._order(MARCH, 0.5) | self._order(APRIL, 100.01))
        self._build()
        self._assert_both({4: "25.50"}, {4: "75.01"})
        line = self._lines()
        self.assertEqual(len(line), 1)
        self.assertEqual(line.part_untaxed, 100.51)
        self.assertAlmostEqual(line.percent, 25.373097, 5)
        self.assertNothingMissed()


class TestSlicesPaid(OrdersCase):
    def test_each_line_counts_for_its_own_order(self):
        """FACTS: 1.00 before the handover, 300,000.00 after it, invoiced together."""
        move = self._bill(self._order(MARCH, 1) | self._order(APRIL, 300000))
        self._pay(move, 300001, APRIL)
        self._build()
        self._assert_both({4: "1.00"}, {4: "300000.00"})

    def test_partial_payments_add_up_to_the_cent(self):
        orders = self._order(MARCH, 33.33) | self._order(APRIL, 66.67, 0.01)
        move = self._bill(orders)
        for number in range(7):
            self._pay(
                move,
                14.29 if number < 6 else move.amount_residual,
                MAY + timedelta(number),
            )
            self._build()
        self.assertEqual(move.amount_residual, 0)
        self._assert_both({5: "33.33"}, {5: "66.68"})
        self.assertNothingMissed()

    def test_half_of_it_paid(self):
        move = self._bill(self._order(MARCH, 1) | self._order(APRIL, 300000))
        self._pay(move, 150000.5, MAY)
        self._build()
        self._assert_both({5: "0.50"}, {5: "150000.00"})

    def test_large_parts_of_an_invoice_of_almost_zero(self):
        """Negative parts are deducted from the rest before the payment is divided."""
        move = self._bill(self._order(MARCH, 300000) | self._order(APRIL, -299997))
        self._pay(move, 1, MAY)
        self._build()
        self._assert_both({5: "1"}, {})

    def test_split_of_a_handover_within_a_part(self):
        self._split_handover(FIRST_OF_APRIL)
        move = self._bill(self._order(MARCH, 1000) | self._order(APRIL, 500))
        self._pay(move, 750, date(2025, 4, 15))
        self._pay(move, 750, MAY)
        self._build()
        self._assert_both({4: "150"}, {4: "600", 5: "750"})
        self.assertNothingMissed()

    def test_refund_mirrors_the_parts_of_the_invoice(self):
        move = self._bill(self._order(MARCH, 300) | self._order(APRIL, 700))
        self._pay(move, 1000, MAY)
        note = self._credit_note(move, AUGUST, match=False)
        payment = self._money(1000, AUGUST, kind="outbound")
        self._match(note, payment)
        self._build()
        self._assert_both({5: "300", 8: "-300"}, {5: "700", 8: "-700"})
        self.assertNothingMissed()

    def test_taxes_are_not_divided(self):
        order = self._order(MARCH, 100) | self._order(APRIL, 200)
        order[1].order_line.tax_ids = self.tax
        move = self._bill(order)
        self.assertEqual(move.amount_total, 340)
        self._pay(move, 170, MAY)
        self._build()
        self._assert_both({5: "50"}, {5: "100"})


class RaisedCase(SlicesCase):
    BASIS = "invoiced"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        sales = cls.env.ref("sales_team.group_sale_manager")
        for user in (cls.manager, cls.colleague):
            user.group_ids |= sales

    def _raise(self, order, price, user=None, day=APRIL, line=0):
        with freeze_time(f"{day} 12:00:00"):
            order.order_line[line].with_user(user or self.colleague).price_unit = price
        self.env.flush_all()

    def _add(self, order, price, user=None, day=APRIL, **vals):
        with freeze_time(f"{day} 12:00:00"):
            line = {"product_id": self.product.id, "price_unit": price, "tax_ids": []}
            order.with_user(user or self.colleague).order_line = [
                Command.create({**line, **vals})
            ]
        self.env.flush_all()
        return order.order_line[-1]

    def _deposit(self, order, amount, day=APRIL):
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=order.ids)
            .create({"advance_payment_method": "fixed", "fixed_amount": amount})
        )
        before = order.invoice_ids
        wizard.create_invoices()
        deposit = order.invoice_ids - before
        deposit.invoice_date = day
        deposit.action_post()
        return deposit

    def _invoice_part(self, order, price, day=APRIL, line=0):
        """Create an invoice manually for part of one order line."""
        move = self._invoice(price, day, taxes=self.tax.browse())
        move.button_draft()
        move.invoice_line_ids.sale_line_ids = order.order_line[line]
        move.action_post()
        return move

    def _assert_come_to(self, first, second):
        self.env.flush_all()
        self._build()
        self._assert_both(first, second)
        self.assertNothingMissed()
        check = self.env["nka.bonus.check"]._check(
            self.company, date(2024, 1, 1), date(2026, 12, 31)
        )
        self.assertFalse(check.line_ids.filtered("is_different"))


class TestRaised(RaisedCase):
    def test_price_raised_after_the_handover(self):
        order = self._order(MARCH, 1)
        self._raise(order, 300001)
        self._bill(order)
        self._assert_come_to({4: "1"}, {4: "300000"})

    def test_raised_by_the_person_paid_for_the_old_day(self):
        order = self._order(MARCH, 1)
        self._raise(order, 300001, self.manager)
        self._bill(order)
        self._assert_come_to({4: "1"}, {4: "300000"})

    def test_a_quantity(self):
        order = self._order(MARCH, 10)
        with freeze_time("2025-04-10 12:00:00"):
            order.order_line.with_user(self.manager).write(
                {"product_uom_qty": 31, "price_unit": 10}
            )
        self._bill(order)
        self._assert_come_to({4: "10"}, {4: "300"})

    def test_discount_reduced(self):
        order = self._quotation(1000)
        order.order_line.discount = 90
        order.action_confirm()
        order.date_order = MARCH
        with freeze_time("2025-04-10 12:00:00"):
            order.order_line.with_user(self.manager).discount = 0
        self._bill(order)
        self._assert_come_to({4: "100"}, {4: "900"})

    def test_line_added(self):
        order = self._order(MARCH, 1)
        self._add(order, 300000)
        self._bill(order)
        self._assert_come_to({4: "1"}, {4: "300000"})

    def test_only_the_line_added_is_invoiced(self):
        order = self._order(MARCH, 1000)
        line = self._add(order, 500, self.manager)
        move = self._invoice(500, APRIL, taxes=self.tax.browse())
        move.button_draft()
        move.invoice_line_ids.sale_line_ids = line
        move.action_post()
        self._assert_come_to({}, {4: "500"})

    def test_excess_of_a_cent_moves_no_more_than_a_cent(self):
        order = self._order(MARCH, 1000)
        self._raise(order, 1000.01)
        self._bill(order)
        self._assert_come_to({4: "1000"}, {4: "0.01"})

    def test_lowered_and_raised_again(self):
        order = self._order(MARCH, 1000)
        self._raise(order, 1)
        self._raise(order, 1000)
        self._bill(order)
        self._assert_come_to({4: "1000"}, {})

    def test_cancelled_raised_and_confirmed_again(self):
        order = self._order(MARCH, 1)
        with freeze_time("2025-04-10 12:00:00"):
            own = order.with_user(self.manager)
            own._action_cancel()
            own.action_draft()
            own.order_line.price_unit = 300001
            own.action_confirm()
        self._bill(order)
        self._assert_come_to({4: "1"}, {4: "300000"})

    def test_line_deleted_and_added_again_is_new(self):
        order = self._order(MARCH, 1000)
        self._raise(order, 0)
        self._add(order, 1000)
        self._bill(order)
        self._assert_come_to({}, {4: "1000"})

    def test_raised_in_other_ways(self):
        """By an x2many command of the order, by writing the amount, by updating prices."""
        order = self._order(MARCH, 1)
        with freeze_time("2025-04-10 12:00:00"):
            own = order.with_user(self.manager)
            own.write(
                {
                    "order_line": [
                        Command.update(order.order_line.id, {"price_unit": 21})
                    ]
                }
            )
            own.order_line.sudo().write({"price_subtotal": 900000})
            order.order_line.product_id.list_price = 51
            own.action_update_prices()
        self.env.flush_all()
        self.assertEqual(order.order_line.price_unit, 51)
        self._bill(order)
        self._assert_come_to({4: "1"}, {4: "50"})

    def test_amount_forged_before_the_confirmation(self):
        order = self._quotation(1)
        order.order_line.with_user(self.manager).sudo().price_subtotal = 300001
        self.env.flush_all()
        order.action_confirm()
        order.date_order = MARCH
        self._raise(order, 300001, self.manager)
        self._bill(order)
        self._assert_come_to({4: "1"}, {4: "300000"})

    def test_forged_contexts(self):
        order = self._order(MARCH, 1)
        with freeze_time("2025-04-10 12:00:00"):
            order.order_line.with_user(self.manager).with_context(
                tracking_disable=True, import_file=True, skip_keep=True, su=True
            ).write({"price_unit": 300001})
        self._bill(order)
        self._assert_come_to({4: "1"}, {4: "300000"})

    def test_line_moved_from_another_order(self):
        order, other = self._order(MARCH, 1), self._order(APRIL, 300000)
        with freeze_time("2025-04-11 12:00:00"):
            other.order_line.with_user(self.manager).sudo().order_id = order
        self._bill(order)
        self._assert_come_to({4: "1"}, {4: "300000"})

    def test_additions_by_the_system_count_on_the_order_day(self):
        order = self._order(MARCH, 1)
        order.order_line.price_unit = 50
        order.order_line = [
            Command.create(
                {"product_id": self.product.id, "price_unit": 7, "tax_ids": []}
            )
        ]
        self._bill(order)
        self._assert_come_to({4: "57"}, {})

    def test_raised_after_it_was_invoiced(self):
        """Amounts invoiced above the order keep their own date."""
        order = self._order(MARCH, 1)
        self._invoice_part(order, 300001, MARCH)
        self._assert_come_to({3: "300001"}, {})
        self._raise(order, 300001)
        self._assert_come_to({3: "300001"}, {})

    def test_correction_moves_the_whole_order(self):
        order = self._order(MARCH, 1)
        self._raise(order, 300001)
        self._bill(order)
        self._assert_come_to({4: "1"}, {4: "300000"})
        self._age()
        order.with_user(self.supervisor)._nka_correct_day(MARCH, "All signed then")
        self._assert_come_to({4: "300001"}, {})

    def test_rebate_granted_later(self):
        order = self._order(MARCH, 1000)
        self._add(order, -400)
        self._bill(order)
        self._assert_come_to({4: "600"}, {})

    def test_in_another_currency(self):
        prices = self._euro_prices(0.5)
        order = self._order(MARCH, 10, pricelist_id=prices.id)
        self._raise(order, 40)
        move = self._bill(order)
        self.assertEqual(move.currency_id, prices.currency_id)
        self._assert_come_to({4: "20"}, {4: "60"})


class TestMoreThanOrdered(RaisedCase):
    def test_invoice_exceeds_the_order(self):
        order = self._order(MARCH, 1)
        move = self._bill(order, post=False)
        move.invoice_line_ids.price_unit = 300001
        move.action_post()
        self._assert_come_to({4: "1"}, {4: "300000"})

    def test_first_invoice_takes_the_confirmed_amount(self):
        order = self._order(MARCH, 1000)
        self._raise(order, 3000)
        self._invoice_part(order, 600)
        self._invoice_part(order, 2400, MAY)
        self._assert_come_to({4: "600", 5: "400"}, {5: "2000"})

    def test_example_of_the_pay_page(self):
        """docs/pay.md, "Which order, which day": Anna, Boris, a machine and freight."""
        order = self._order(MARCH, 1000)
        self._raise(order, 3000)
        self._invoice_part(order, 600)
        move = self._invoice_part(order, 2400, MAY)
        move.button_draft()
        freight = {"name": "Freight", "price_unit": 50, "tax_ids": []}
        move.invoice_line_ids = [Command.create(freight)]
        move.action_post()
        self._assert_come_to({4: "600", 5: "400"}, {5: "2050"})
        note = self._draft_note(move, JUNE)
        note.invoice_line_ids[1:].unlink()
        note.invoice_line_ids.price_unit = 245
        note.action_post()
        self._assert_come_to({4: "600", 5: "400", 6: "-40"}, {5: "2050", 6: "-205"})

    def test_invoice_posted_later_and_dated_earlier(self):
        order = self._order(MARCH, 1000)
        self._invoice_part(order, 1000, MAY)
        self._assert_come_to({5: "1000"}, {})
        self._age()
        self._invoice_part(order, 400, APRIL)
        self._assert_come_to({4: "400", 5: "600"}, {5: "400"})

    def test_down_payment_above_the_order(self):
        order = self._order(MARCH, 100)
        self._deposit(order, 300)
        self._assert_come_to({4: "100"}, {4: "200"})

    def test_down_payment_of_an_invoiced_order(self):
        order = self._order(MARCH, 100)
        self._bill(order)
        self._deposit(order, 300, MAY)
        self._assert_come_to({4: "100"}, {5: "300"})

    def test_down_payment_that_is_deducted(self):
        order = self._order(MARCH, 1000)
        self._raise(order, 1500)
        self._deposit(order, 1200)
        self._assert_come_to({4: "1000"}, {4: "200"})
        final = order._create_invoices(final=True)
        final.invoice_date = MAY
        final.action_post()
        self.assertEqual(final.amount_untaxed, 300)
        self._assert_come_to({4: "1000"}, {4: "200", 5: "300"})

    def test_delivered_more_than_ordered(self):
        product = self._new_product("Hours", invoice_policy="delivery")
        order = self._quotation(10)
        order.order_line.product_id = product
        order.order_line.price_unit = 10
        order.action_confirm()
        order.date_order = MARCH
        order.order_line.with_user(self.manager).sudo().qty_delivered = 5
        self._bill(order)
        self._assert_come_to({4: "10"}, {4: "40"})

    def test_credited_and_invoiced_again(self):
        order = self._order(MARCH, 1)
        self._raise(order, 300001)
        move = self._bill(order)
        self._credit_note(move, MAY)
        self._assert_come_to({4: "1", 5: "-1"}, {4: "300000", 5: "-300000"})
        self._invoice_part(order, 300001, JUNE)
        self._assert_come_to(
            {4: "1", 5: "-1", 6: "1"}, {4: "300000", 5: "-300000", 6: "300000"}
        )

    def test_credited_in_part_and_invoiced_again(self):
        order = self._order(MARCH, 100)
        self._raise(order, 200)
        move = self._bill(order)
        self._credit_note(move, MAY, 100)
        self._invoice_part(order, 100, JUNE)
        self._assert_come_to(
            {4: "100", 5: "-50", 6: "50"}, {4: "100", 5: "-50", 6: "50"}
        )

    def test_deleted_invoice_frees_the_order_for_the_others(self):
        order = self._order(MARCH, 1000)
        first = self._invoice_part(order, 1000)
        self._invoice_part(order, 700, MAY)
        self._assert_come_to({4: "1000"}, {5: "700"})
        self._age()
        first.button_draft()
        first.with_context(force_delete=True).unlink()
        self._assert_come_to({5: "700"}, {})

    def test_old_order_linked_to_an_invoice_of_a_colleague(self):
        old, new = self._order(MARCH, 1), self._order(APRIL, 5000)
        move = self._bill(new, post=False)
        old.order_line.with_user(self.manager).sudo().invoice_lines = [
            Command.link(move.invoice_line_ids.id)
        ]
        self.env.flush_all()
        move.action_post()
        self._assert_come_to({4: "1"}, {4: "4999"})
        self._invoice_part(old, 1, MAY)
        self._assert_come_to({4: "1"}, {4: "4999", 5: "1"})

    def test_linked_late_by_posting_again(self):
        old = self._order(MARCH, 1)
        move = self._invoice(5000, APRIL, taxes=self.tax.browse())
        self._assert_come_to({}, {4: "5000"})
        move.button_draft()
        old.order_line.with_user(self.manager).sudo().invoice_lines = [
            Command.link(move.invoice_line_ids.id)
        ]
        self.env.flush_all()
        move.action_post()
        self._assert_come_to({4: "1"}, {4: "4999"})

    def test_another_line_of_the_order_linked_later(self):
        order = self._order(MARCH, 1000, 7)
        move = self._invoice_part(order, 1000)
        order.order_line[1].with_user(self.colleague).sudo().invoice_lines = [
            Command.link(move.invoice_line_ids.id)
        ]
        self._assert_come_to({4: "1000"}, {})

    def test_currency_rate_written_on_the_order(self):
        """An invoice in another currency is compared at the rate of the day."""
        prices = self._euro_prices(0.5)
        order = self._quotation(10, pricelist_id=prices.id)
        order.with_user(self.manager).sudo().currency_rate = 0.0000001
        order.action_confirm()
        order.date_order = MARCH
        self._invoice_part(order, 300000)
        self._assert_come_to({4: "20"}, {4: "299980"})

    def test_rounding_of_a_cent_is_no_excess(self):
        order = self._order(MARCH, 100)
        for day in (APRIL, MAY, JUNE):
            self._invoice_part(order, 33.34, day)
        self._assert_come_to({4: "33.34", 5: "33.34", 6: "33.34"}, {})

    def test_lines_of_a_deleted_order_line(self):
        """What an invoice was for stays fixed, including the order line."""
        order = self._order(MARCH, 1000)
        line = self._add(order, 500)
        move = self._invoice(500, APRIL, taxes=self.tax.browse())
        move.button_draft()
        move.invoice_line_ids.sale_line_ids = line
        move.action_post()
        self._assert_come_to({}, {4: "500"})
        own = order.with_user(self.manager)
        own._action_cancel()
        line.with_user(self.manager).unlink()
        self._assert_come_to({}, {4: "500"})


class TestBelowZero(RaisedCase):
    def test_no_one_gets_more_than_the_invoice(self):
        self._bill(self._order(MARCH, -40) | self._order(APRIL, 500))
        self._assert_come_to({}, {4: "460"})

    def test_deducted_from_all_proportionally(self):
        self._bill(
            self._order(MARCH, 300)
            | self._order(APRIL, 700)
            | self._order(MARCH.replace(day=11), -100)
        )
        self._assert_come_to({4: "270"}, {4: "630"})

    def test_invoice_of_zero_credits_nothing(self):
        self._bill(self._order(MARCH, 80) | self._order(APRIL, -80))
        self._assert_come_to({}, {})


class TestRaisedPaid(RaisedCase):
    BASIS = "paid"

    def test_half_of_it_paid(self):
        order = self._order(MARCH, 1)
        self._raise(order, 300001)
        move = self._bill(order)
        self._pay(move, 150000.5, APRIL)
        self._assert_come_to({4: "0.5"}, {4: "150000"})
        self._pay(move, 150000.5, MAY)
        self._assert_come_to({4: "0.5", 5: "0.5"}, {4: "150000", 5: "150000"})
