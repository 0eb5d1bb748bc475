"""An invoice over several orders: each line by its own order."""

from datetime import date, timedelta

from odoo import Command

from .common import APRIL, FIRST_OF_APRIL, MARCH, OrdersCase

MAY, AUGUST = date(2025, 5, 12), date(2025, 8, 15)


class TestSlicesInvoiced(OrdersCase):
    BASIS = "invoiced"

    def test_each_line_by_its_own_order(self):
        """FACTS: 1.00 before the handover, 300,000.00 after it, invoiced together."""
        self._bill(self._order(MARCH, 1) | self._order(APRIL, 300000))
        self._build()
        self._both({4: "1.00"}, {4: "300000.00"})
        line = self._lines()
        self.assertEqual(
            (line.untaxed, line.part_untaxed, line.percent), (300001, 1, 100)
        )
        self.assertNothingMissed()

    def test_lines_without_an_order_count_by_the_invoice_date(self):
        move = self._bill(self._order(MARCH, 700), post=False)
        freight = {"name": "Freight", "price_unit": 55, "tax_ids": []}
        move.invoice_line_ids = [Command.create(freight)]
        move.action_post()
        self._build()
        self._both({4: "700"}, {4: "55"})

    def test_orders_of_one_owner_are_one_credit(self):
        self._bill(self._order(MARCH, 100) | self._order(MARCH - timedelta(9), 30))
        self._build()
        self._both({4: "130"}, {})
        self.assertEqual(len(self._lines()), 1)
        self.assertEqual(self._lines().part_untaxed, 130)

    def test_a_rebate_is_taken_from_its_own_order(self):
        self._bill(self._order(MARCH, 1000, -900) | self._order(APRIL, 50))
        self._build()
        self._both({4: "100"}, {4: "50"})

    def test_a_part_below_zero(self):
        self._bill(self._order(MARCH, -40) | self._order(APRIL, 500))
        self._build()
        self._both({4: "-40"}, {4: "500"})

    def test_parts_that_come_to_nothing_together(self):
        self._bill(self._order(MARCH, 80) | self._order(APRIL, -80))
        self._build()
        self._both({4: "80"}, {4: "-80"})

    def test_a_free_line_takes_no_remainder(self):
        self._bill(self._order(MARCH, 33.33) | self._order(APRIL, 0))
        self._build()
        self._both({4: "33.33"}, {})

    def test_a_foreign_invoice_is_cut_in_company_currency(self):
        """3.00 at 0.9 are 3.33 each and 10.00 together: the last line takes the rest."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": date(2025, 1, 1), "rate": 0.9}
        )
        lists = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id}
        )
        orders = [
            self._order(day, 3, pricelist_id=lists.id) for day in (MARCH, APRIL, APRIL)
        ]
        move = self._bill(orders[0] | orders[1] | orders[2])
        self.assertEqual(move.currency_id, euro)
        self._build()
        whole = sum(
            self._credited(user=user) for user in (self.manager, self.colleague)
        )
        self.assertEqual(float(whole), round(move.amount_untaxed_signed, 2))
        first = move.invoice_line_ids.filtered(
            lambda line: line.sale_line_ids.order_id == orders[0]
        )
        self.assertEqual(float(self._credited()), -first.balance)

    def test_the_rounding_of_cash_goes_with_the_last_line(self):
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
        self._both({4: "102"}, {4: "103"})

    def test_a_deposit_and_the_final_invoice_go_with_their_order(self):
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
        self._both({4: "200"}, {})
        final = (order | other)._create_invoices(final=True)
        final.invoice_date = MAY
        final.action_post()
        self.assertEqual(final.amount_untaxed, 1100)
        self._build()
        self._both({4: "200", 5: "800"}, {5: "300"})

    def test_a_full_credit_note_takes_back_what_each_got(self):
        move = self._bill(self._order(MARCH, 33.33) | self._order(APRIL, 66.68))
        self._credit_note(move, MAY)
        self._build()
        self._both({4: "33.33", 5: "-33.33"}, {4: "66.68", 5: "-66.68"})

    def test_a_part_is_taken_back_from_all_orders_alike(self):
        """What the note's only line says makes no difference: source × note / invoice."""
        move = self._bill(self._order(MARCH, 300) | self._order(APRIL, 700))
        note = self._draft_note(move, MAY)
        note.invoice_line_ids[1:].unlink()
        note.invoice_line_ids.price_unit = 100
        note.action_post()
        self._build()
        self._both({4: "300", 5: "-30"}, {4: "700", 5: "-70"})

    def _draft_note(self, move, day):
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"date": day, "journal_id": move.journal_id.id})
        )
        note = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        note.invoice_date = day
        return note

    def test_credit_notes_in_pieces_take_back_all_of_each(self):
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
        """From 1 April both have a share; each order is cut by its own day's shares."""
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
        self._both({4: "25.50"}, {4: "75.01"})
        line = self._lines()
        self.assertEqual(len(line), 1)
        self.assertEqual(line.part_untaxed, 100.51)
        self.assertAlmostEqual(line.percent, 25.373097, 5)
        self.assertNothingMissed()


class TestSlicesPaid(OrdersCase):
    def test_each_line_by_its_own_order(self):
        """FACTS: 1.00 before the handover, 300,000.00 after it, invoiced together."""
        move = self._bill(self._order(MARCH, 1) | self._order(APRIL, 300000))
        self._pay(move, 300001, APRIL)
        self._build()
        self._both({4: "1.00"}, {4: "300000.00"})

    def test_in_however_many_pieces_each_part_comes_to_the_cent(self):
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
        self._both({5: "33.33"}, {5: "66.68"})
        self.assertNothingMissed()

    def test_half_of_it(self):
        move = self._bill(self._order(MARCH, 1) | self._order(APRIL, 300000))
        self._pay(move, 150000.5, MAY)
        self._build()
        self._both({5: "0.50"}, {5: "150000.00"})

    def test_large_parts_of_an_invoice_that_is_nearly_nothing(self):
        """Parts are cut by the money, not by the rounded credit of the whole."""
        move = self._bill(self._order(MARCH, 300000) | self._order(APRIL, -299997))
        self._pay(move, 1, MAY)
        self._build()
        self._both({5: "100000"}, {5: "-99999"})

    def test_a_handovers_split_within_a_part(self):
        self._split_handover(FIRST_OF_APRIL)
        move = self._bill(self._order(MARCH, 1000) | self._order(APRIL, 500))
        self._pay(move, 750, date(2025, 4, 15))
        self._pay(move, 750, MAY)
        self._build()
        self._both({4: "150"}, {4: "600", 5: "750"})
        self.assertNothingMissed()

    def test_money_refunded_mirrors_the_invoices_parts(self):
        move = self._bill(self._order(MARCH, 300) | self._order(APRIL, 700))
        self._pay(move, 1000, MAY)
        note = self._credit_note(move, AUGUST, match=False)
        payment = self._money(1000, AUGUST, kind="outbound")
        self._match(note, payment)
        self._build()
        self._both({5: "300", 8: "-300"}, {5: "700", 8: "-700"})
        self.assertNothingMissed()

    def test_taxes_are_no_part(self):
        order = self._order(MARCH, 100) | self._order(APRIL, 200)
        order[1].order_line.tax_ids = self.tax
        move = self._bill(order)
        self.assertEqual(move.amount_total, 340)
        self._pay(move, 170, MAY)
        self._build()
        self._both({5: "50"}, {5: "100"})
