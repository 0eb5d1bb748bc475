"""What changes behind a closed month is seen, by whatever way it comes.

A build looks at what is new or was noted as changed; read as a whole nothing is missed.
"""

from datetime import date, timedelta

from odoo import Command

from .common import YEAR_START, LedgerCase

FEBRUARY, MARCH, APRIL = date(2025, 2, 10), date(2025, 3, 10), date(2025, 4, 10)
FIRST_OF_APRIL = date(2025, 4, 1)


class MissedCase(LedgerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        plan = cls.env["nka.pay.plan"].create({"name": "The colleague's plan"})
        cls._approved_version(YEAR_START, plan, bonus_basis=cls.BASIS)
        cls._accepted(cls.other_employee, plan_id=plan.id, date_from=YEAR_START)

    def _build_and_close(self, month):
        self._age()
        self._build()
        self._close_month(month)

    def _given_to_the_colleague(self, day):
        """The account is another's from a day on, long since."""
        rows = self.account.assignment_ids._unlocked()
        rows.write({"date_to": day - timedelta(1)})
        rows.create(
            {
                "key_account_id": self.account.id,
                "user_id": self.colleague.id,
                "date_from": day,
            }
        )

    def assertNothingMissed(self):
        self.env.flush_all()
        self._build()
        self.assertEqual(self._build(is_full=True), 0)


class TestMissedInvoiced(MissedCase):
    BASIS = "invoiced"

    def _sent_elsewhere(self, invoice, day, amount):
        """A credit note that goes to another client than its invoice, not yet posted."""
        note = self._credit_note(invoice, day, amount, match=False)
        note.button_draft()
        note.partner_id = self._new_client("Where it is sent")
        self._build()
        return note

    def test_a_credit_note_that_is_sent_to_somebody_else(self):
        """It takes back from its invoice's client, posted or withdrawn."""
        invoice = self._invoice(1000, FEBRUARY)
        self._build_and_close(FEBRUARY)
        note = self._sent_elsewhere(invoice, MARCH, 300)
        note.action_post()
        self.assertNothingMissed()
        self.assertCredits({2: "1000", 3: "-300"})
        self._build_and_close(MARCH)
        note.button_draft()
        self.assertNothingMissed()
        self.assertCredits({2: "1000", 3: "-300", 4: "300"})

    def test_its_invoice_is_deleted(self):
        """Nothing says any more that it has to do with a key account."""
        invoice = self._invoice(1000, FEBRUARY)
        self._sent_elsewhere(invoice, MARCH, 300).action_post()
        self._build_and_close(MARCH)
        self.assertCredits({2: "1000", 3: "-300"})
        invoice.button_draft()
        invoice.with_context(force_delete=True).unlink()
        self.assertNothingMissed()
        self.assertCredits({2: "1000", 3: "-300", 4: "-700"})

    def test_it_was_posted_before_anything_was_noted(self):
        """As where the addon came later: its day tells of it."""
        invoice = self._invoice(1000, FEBRUARY)
        self._build_and_close(FEBRUARY)
        self._sent_elsewhere(invoice, MARCH, 300).action_post()
        self.env.flush_all()
        self.cr.execute(
            "DELETE FROM nka_bonus_touched WHERE company_ref = %s", [self.company.id]
        )
        self.assertNothingMissed()
        self.assertCredits({2: "1000", 3: "-300"})

    def test_an_order_that_is_confirmed_again_keeps_its_day(self):
        """Its invoice stays with whose the account was then; a corrected day moves it."""
        product = self.env["product.product"].create(
            {"name": "Machine", "invoice_policy": "order", "type": "service"}
        )
        sold = {"product_id": product.id, "price_unit": 1000, "tax_ids": False}
        order = self.env["sale.order"].create(
            {"partner_id": self.client.id, "order_line": [Command.create(sold)]}
        )
        order.action_confirm()
        order.date_order = FEBRUARY
        invoice = order._create_invoices()
        invoice.invoice_date = FEBRUARY
        invoice.action_post()
        self._given_to_the_colleague(FIRST_OF_APRIL)
        self._build_and_close(FEBRUARY)
        order._action_cancel()
        order.action_draft()
        order.action_confirm()
        self.assertNothingMissed()
        self.assertCredits({2: "1000"})
        order.date_order = FIRST_OF_APRIL
        self.assertNothingMissed()
        self.assertCredits({2: "1000", 3: "-1000"})
        self.assertCredits({3: "1000"}, self.colleague)

    def test_who_left_keeps_his_credits_without_a_login(self):
        """Taken from the employee, or given another one: nothing of it is undone."""
        self._invoice(1000, FEBRUARY)
        self._invoice(500, MARCH)
        self._build_and_close(FEBRUARY)
        for login in (self.salesman, self.env["res.users"]):
            self.employee.user_id = login
            self.assertNothingMissed()
            self.assertCredits({2: "1000", 3: "500"})


class TestMissedPaid(MissedCase):
    def test_the_day_of_a_payment_moves_within_closed_months(self):
        """Behind the days of a handover's split it is the receiver's alone."""
        self._given_to_the_colleague(FIRST_OF_APRIL)
        self._split_handover(FIRST_OF_APRIL)
        invoice = self._invoice(1000, FEBRUARY, taxes=self.tax.browse())
        line = self._received(invoice, 1000, MARCH)
        self._build_and_close(APRIL)
        self.assertCredits({3: "1000"})
        line.date = date(2025, 4, 25)
        self.assertNothingMissed()
        self.assertCredits({3: "1000", 5: "-1000"})
        self.assertCredits({5: "1000"}, self.colleague)

    def _received(self, invoice, amount, day):
        """Money of a bank statement that is matched without a payment."""
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": day,
                "amount": amount,
                "partner_id": self.client.id,
                "payment_ref": "in",
            }
        )
        suspense = line.move_id.line_ids.filtered(
            lambda row: row.account_id == self.bank.suspense_account_id
        )
        receivable = self.client.property_account_receivable_id
        suspense.with_context(skip_readonly_check=True).account_id = receivable
        self._match(invoice, line.move_id)
        return line
