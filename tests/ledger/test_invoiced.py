"""Sales credits of invoices and credit notes, and the people credited."""

from datetime import date, datetime, timedelta

from psycopg2.errors import RestrictViolation

from odoo import Command
from odoo.addons.nka_key_accounts.models.ledger import ownership
from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from .common import YEAR_START, LedgerCase
from .history import HistoryCase

MARCH, APRIL, AUGUST = date(2025, 3, 3), date(2025, 4, 10), date(2025, 8, 5)


class TestInvoiced(LedgerCase):
    BASIS = "invoiced"

    def test_credit_note_reverses_the_credit_whatever_the_rate(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            [
                {"currency_id": euro.id, "name": date(2025, 1, 1), "rate": 0.5},
                {"currency_id": euro.id, "name": date(2025, 4, 1), "rate": 0.4},
            ]
        )
        invoice = self._invoice(1000, MARCH, currency_id=euro.id)
        self._credit_note(invoice, APRIL, amount=250)
        self._credit_note(invoice, APRIL, amount=750)
        self._build()
        self.assertCredits({3: "2000", 4: "-2000"})

    def test_credit_note_never_reverses_more_than_was_credited(self):
        invoice = self._invoice(1000, MARCH)
        self._credit_note(invoice, APRIL, amount=800)
        self._credit_note(invoice, APRIL, amount=800, match=False)
        self._build()
        self.assertCredits({3: "1000", 4: "-1000"})

    def test_earlier_of_two_credit_notes_comes_first(self):
        """Whichever was entered first: 800 in March, the remaining 200 in April."""
        invoice = self._invoice(1000, MARCH)
        self._credit_note(invoice, APRIL, amount=800, match=False)
        self._credit_note(invoice, MARCH, amount=800, match=False)
        self._build()
        notes = self._lines().filtered(lambda row: row.kind == "credit_note")
        found = sorted(zip(notes.mapped("date"), notes.mapped("amount"), strict=True))
        self.assertEqual(found, [(MARCH, -800), (APRIL, -200)])

    def test_credit_note_counts_on_the_basis_of_its_invoice(self):
        """The basis is payments from July on, and was invoices in March."""
        plan = self.env["nka.pay.plan"].create({"name": "By what arrives"})
        first = date(2025, 7, 1)
        self._approved_version(first, plan, bonus_basis="paid")
        self.agreement.sudo()._unlocked().write({"date_to": first - timedelta(1)})
        self._accepted(plan_id=plan.id, date_from=first)
        self._credit_note(self._invoice(1000, MARCH), AUGUST, amount=400)
        self._build()
        self.assertCredits({3: "1000", 8: "-400"})

    def test_reset_to_draft_in_an_open_month_and_posted_again(self):
        invoice = self._invoice(1000, MARCH)
        self._build()
        invoice.button_draft()
        self._build()
        self.assertCredits({})
        invoice.invoice_line_ids.price_unit = 700
        invoice.action_post()
        self._build()
        self.assertCredits({3: "700"})
        self.assertEqual(self._lines().mapped("revision"), [0, 1, 2])

    def test_order_day_decides_the_owner(self):
        self._rows_from_april()
        self._invoiced_in_april(MARCH)
        self.assertCredits({4: "500"})

    def test_each_order_of_an_invoice_decides_its_lines(self):
        self._rows_from_april()
        self._invoiced_in_april(APRIL, MARCH)
        self.assertCredits({4: "500"})
        self.assertCredits({4: "500"}, self.colleague)

    def test_order_day_begins_at_midnight_of_the_company(self):
        """21:30 UTC of 31 March is half past midnight of 1 April in Moscow."""
        self._rows_from_april()
        self.company.resource_calendar_id.tz = "Europe/Moscow"
        self._invoiced_in_april(datetime(2025, 3, 31, 21, 30))
        self.assertCredits({})
        self.assertCredits({4: "500"}, self.colleague)

    def _invoiced_in_april(self, *days):
        """Post an invoice on 10 April for an order of 500 of each day, and build the
        ledger.
        """
        product = self.env["product.product"].create(
            {"name": "Machine", "invoice_policy": "order"}
        )
        line = {"product_id": product.id, "price_unit": 500, "tax_ids": []}
        orders = self.env["sale.order"].create(
            [
                {"partner_id": self.client.id, "order_line": [Command.create(line)]}
                for _day in days
            ]
        )
        orders.action_confirm()
        for order, day in zip(orders, days, strict=True):
            order.date_order = day
        invoice = orders._create_invoices()
        invoice.invoice_date = APRIL
        invoice.action_post()
        self._build()

    def _rows_from_april(self):
        self._accepted(self.other_employee, date_from=YEAR_START)
        first = date(2025, 4, 1)
        self.account.assignment_ids._unlocked().write({"date_to": first - timedelta(1)})
        self.env["nka.assignment"]._unlocked().create(
            {
                "key_account_id": self.account.id,
                "user_id": self.colleague.id,
                "date_from": first,
            }
        )

    def test_invoice_of_a_time_without_owner_credits_no_one(self):
        self._invoice(1000, date(2024, 12, 30))
        self._invoice(1000, MARCH, client=self.other_client)
        self._build()
        self.assertFalse(self.env["nka.bonus.line"].search([]))

    def test_invoices_of_another_company_do_not_count(self):
        other = self.env["res.company"].create({"name": "Sister"})
        self.assertEqual(self.env["nka.bonus.builder"]._build(other), 0)
        self._invoice(1000, MARCH)
        self._build()
        self.assertEqual(self._lines().company_id, self.company)

    def test_backdated_account_status_credits_earlier_invoices(self):
        self._invoice(1000, MARCH, client=self.other_client)
        self._build()
        self.assertCredits({})
        self._owned_since(self.other_client, YEAR_START)
        self._build()
        self.assertCredits({3: "1000"})

    def test_refund_in_a_later_half_year_names_the_source_month(self):
        invoice = self._invoice(1000, MARCH)
        self._credit_note(invoice, AUGUST)
        self._build()
        self.assertEqual(self._lines()[-1].origin_date, MARCH)


class TestSharesAndHandover(HistoryCase):
    def _credit(self, day, amount=1000):
        return self._invoice(amount, day, self.other_client, self.tax.browse())

    def test_the_last_share_is_the_remainder(self):
        """66.67 % and 33.33 % of 100.05 in three payments."""
        invoice = self._credit(date(2025, 3, 3), 100.05)
        for day in (10, 11, 12):
            self._match(
                invoice,
                self._money(33.35, date(2025, 3, day), partner_id=self.other_client.id),
            )
        self._build()
        self.assertCredits({3: "66.70"})
        self.assertCredits({3: "33.35"}, self.colleague)

    def test_larger_share_is_rounded_and_the_last_is_the_remainder(self):
        """66.67 % of 50.00 is 33.335, in any number of payments: 33.34 and 16.66."""
        invoice = self._credit(date(2025, 3, 3), 50)
        for amount in (12.35, 37.65):
            self._match(
                invoice,
                self._money(amount, date(2025, 3, 10), partner_id=self.other_client.id),
            )
        self._build()
        self.assertCredits({3: "33.34"})
        self.assertCredits({3: "16.66"}, self.colleague)

    def _parts(self, owners, splits=()):
        """Return (first order day, first event day, person, percent), in order."""
        rows = ownership.credit_parts(owners, splits)
        rows.sort(key=lambda row: (row.order_from, row.event_from, row.position))
        return [
            (row.order_from, row.event_from, row.user_id, row.percent) for row in rows
        ]

    def test_first_of_equal_shares_is_rounded(self):
        first, last = ownership.FIRST_DAY, ownership.LAST_DAY
        owners = [ownership.Owner(user_id, 50, first, last) for user_id in (7, 3)]
        self.assertEqual([row[2] for row in self._parts(owners)], [3, 7])

    def test_orders_of_the_handover_day_are_not_split(self):
        """From that day on the outgoing manager keeps 60 % by the assignment, and
        nothing else.
        """
        first, last = ownership.FIRST_DAY, ownership.LAST_DAY
        day = date(2025, 4, 1)
        owners = [
            ownership.Owner(1, 100, first, day - timedelta(1)),
            ownership.Owner(1, 60, day, last),
            ownership.Owner(2, 40, day, last),
        ]
        parts = self._parts(owners, [ownership.Split(1, 2, day, 30, 20)])
        self.assertEqual(
            [row for row in parts if row[0] == day],
            [(day, first, 1, 60), (day, first, 2, 40)],
        )
        self.assertEqual(
            [row[1:] for row in parts if row[0] < day],
            [
                (first, 1, 100),
                (day, 2, 70),
                (day, 1, 30),
                (date(2025, 4, 21), 2, 100),
            ],
        )

    def test_second_handover_splits_what_the_first_transferred(self):
        """1 to 2 on 1 April, 2 to 3 on the 10th; each keeps a part for 20 days."""
        first = ownership.FIRST_DAY
        day, second = date(2025, 4, 1), date(2025, 4, 10)
        owners = [ownership.Owner(1, 100, first, day - timedelta(1))]
        splits = [
            ownership.Split(2, 3, second, 50, 20),
            ownership.Split(1, 2, day, 30, 20),
        ]
        parts = self._parts(owners, splits)
        self.assertEqual(
            [row[1:] for row in parts if row[1] == second],
            [(second, 2, 35), (second, 3, 35), (second, 1, 30)],
        )

    def test_orders_before_a_handover_are_split_for_its_days(self):
        """30 % to the outgoing manager within 20 days of 1 April, nothing afterwards."""
        invoice = self._invoice(1000, date(2025, 3, 10), taxes=self.tax.browse())
        for day in (date(2025, 3, 20), date(2025, 4, 20), date(2025, 4, 21)):
            self._match(invoice, self._money(200, day))
        self._build()
        self.assertCredits({3: "200", 4: "60"})
        self.assertCredits({4: "340"}, self.colleague)


class TestAppendOnly(LedgerCase):
    def setUp(self):
        super().setUp()
        invoice = self._invoice(1000, MARCH)
        self._match(invoice, self._money(1200, MARCH))
        self._build()
        self.line = self._lines()

    def test_orm_refuses_every_user(self):
        for line in (self.line, self.line.sudo()):
            with self.assertRaises(AccessError):
                line.write({"amount": 5})
            with self.assertRaises(AccessError):
                line.unlink()
            with self.assertRaises(AccessError):
                line.create({"amount": 5})
            with self.assertRaises(AccessError):
                line.with_context(_force_unlink=True).unlink()

    def test_database_refuses_sql(self):
        for statement in (
            "UPDATE nka_bonus_line SET amount = 5",
            "DELETE FROM nka_bonus_line",
            "TRUNCATE nka_bonus_line CASCADE",
        ):
            with mute_logger("odoo.sql_db"), self.assertRaises(RestrictViolation):
                with self.cr.savepoint():
                    self.env.cr.execute(statement)

    def test_constraints_and_indexes_exist(self):
        self.env.cr.execute(
            "SELECT conname FROM pg_constraint WHERE conname = 'nka_bonus_line_source_unique'"
        )
        self.assertTrue(self.env.cr.fetchall())
        self.env.cr.execute(
            "SELECT indexname FROM pg_indexes WHERE indexname LIKE '%%nka_max_date_idx'"
        )
        self.assertTrue(self.env.cr.fetchall())

    def test_managers_read_their_own_lines(self):
        self.assertTrue(self.line.with_user(self.manager).read(["amount"]))
        lines = self.env["nka.bonus.line"].with_user(self.colleague)
        self.assertFalse(lines.search([("amount", "=", 1000)]))
        self.assertFalse(lines._read_group([], ["user_id"], ["amount:sum"]))
        self.assertFalse(lines.search([], order="amount"))
        self.assertFalse(lines.name_search("INV"))
        with self.assertRaises(AccessError):
            self.line.with_user(self.colleague).read(["amount"])
        for nobody in (self.salesman, self.employee_user, self.kam_admin):
            with self.assertRaises(AccessError):
                self.env["nka.bonus.line"].with_user(nobody).search([])


class TestCheck(LedgerCase):
    def _check(self, **values):
        return self.env["nka.bonus.check"]._check(
            self.company, date(2025, 3, 1), date(2025, 3, 31), **values
        )

    def _reasons(self):
        return sorted(self._check().line_ids.mapped("reason"))

    def test_every_payment_is_credited_or_has_a_reason(self):
        paid = self._invoice(1000, MARCH)
        self._match(paid, self._money(1200, MARCH))
        noted = self._invoice(500, MARCH)
        self._credit_note(noted, MARCH)
        self._money(77, MARCH)
        early = self._invoice(900, date(2024, 12, 1))
        self._match(early, self._money(1080, MARCH))
        self.assertEqual(
            self._reasons(), ["credit_note", "missing", "no_owner", "unmatched"]
        )
        self._build()
        check = self._check()
        self.assertEqual(check.difference_count, 0)
        self.assertIn("credited", check.line_ids.mapped("reason"))
        self.assertEqual(sum(check.line_ids.mapped("credited")), 1000)

    def test_checklist_counts_differences_only(self):
        credited, missing = self._invoice(1000, MARCH), self._invoice(500, MARCH)
        self._match(credited, self._money(1200, MARCH))
        self._build()
        self._money(77, MARCH)
        self._match(missing, self._money(600, MARCH))
        lines = self._check(only_different=True).line_ids
        self.assertEqual(lines.mapped("name"), [missing.name])
        self.assertEqual((lines.due, lines.credited), (500, 0))
        self._build()
        check = self._check(only_different=True)
        self.assertEqual((check.difference_count, len(check.line_ids)), (0, 0))
        self.assertGreater(len(self._check().line_ids), 2)

    def test_credit_no_longer_due(self):
        """Undone after the ledger was built: the month must not be approved with it."""
        invoice = self._invoice(1000, MARCH)
        payment = self._money(1200, MARCH)
        self._match(invoice, payment)
        self._build()
        self.assertFalse(self._check(only_different=True).line_ids)
        payment.move_id.line_ids.remove_move_reconcile()
        line = self._check(only_different=True).line_ids
        self.assertEqual(
            (line.reason, line.due, line.credited, line.settled, line.date),
            ("gone", 0, 1000, 0, MARCH),
        )
        self.assertEqual((line.name, line.key_account_id), (invoice.name, self.account))
        with self._read_as_a_whole():
            self.assertEqual(self._check(only_different=True).line_ids.reason, "gone")
        self._build()
        self.assertFalse(self._check(only_different=True).line_ids)
        self.assertNotIn("gone", self._reasons())

    def test_credit_of_another_month_is_compared_where_it_counts(self):
        """A credit of closed March counts in April: an error in it shows there."""
        self._build()
        self._close_month(MARCH)
        invoice = self._invoice(1000, MARCH)
        payment = self._money(1200, MARCH)
        self._match(invoice, payment)
        self._build()
        april = date(2025, 4, 1), date(2025, 4, 30)
        checks = self.env["nka.bonus.check"]
        self.assertFalse(checks._check(self.company, *april, True).line_ids)
        payment.move_id.line_ids.remove_move_reconcile()
        line = checks._check(self.company, *april, True).line_ids
        self.assertEqual((line.reason, line.credited), ("gone", 1000))

    def test_only_an_officer_compares(self):
        checks = self.env["nka.bonus.check"].with_user(self.officer)
        check = checks.create({"date_from": MARCH, "date_to": APRIL})
        self.assertEqual(check.action_check()["res_model"], "nka.bonus.check.line")
        with self.assertRaises(AccessError):
            self.env["nka.bonus.check"].with_user(self.manager).create({})
