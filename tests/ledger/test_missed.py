"""Changes to closed months are found, however they are made.

An incremental build reads what is new or recorded as changed; a full build misses
nothing.
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
        """Assign the account to another user from a day on, recorded long ago."""
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
        """Return a draft credit note to another client than that of its invoice."""
        note = self._credit_note(invoice, day, amount, match=False)
        note.button_draft()
        note.partner_id = self._new_client("Where it is sent")
        self._build()
        return note

    def test_credit_note_sent_to_another_client(self):
        """It reverses the credit of its invoice's client, while it is posted."""
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

    def test_deleted_invoice(self):
        """Nothing shows any more that it belonged to a key account."""
        invoice = self._invoice(1000, FEBRUARY)
        self._sent_elsewhere(invoice, MARCH, 300).action_post()
        self._build_and_close(MARCH)
        self.assertCredits({2: "1000", 3: "-300"})
        invoice.button_draft()
        invoice.with_context(force_delete=True).unlink()
        self.assertNothingMissed()
        self.assertCredits({2: "1000", 3: "-300", 4: "-700"})

    def test_posted_before_changes_were_recorded(self):
        """As if the addon was installed later: the date shows that it belongs to the
        month.
        """
        invoice = self._invoice(1000, FEBRUARY)
        self._build_and_close(FEBRUARY)
        self._sent_elsewhere(invoice, MARCH, 300).action_post()
        self.env.flush_all()
        self.cr.execute(
            "DELETE FROM nka_bonus_touched WHERE company_ref = %s", [self.company.id]
        )
        self.assertNothingMissed()
        self.assertCredits({2: "1000", 3: "-300"})

    def test_order_confirmed_again_keeps_its_day(self):
        """Its invoice stays with the owner of that day; a corrected day moves it."""
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

    def test_leaver_keeps_their_credits_without_a_login(self):
        """Removing or replacing the employee's login reverses nothing."""
        self._invoice(1000, FEBRUARY)
        self._invoice(500, MARCH)
        self._build_and_close(FEBRUARY)
        for login in (self.salesman, self.env["res.users"]):
            self.employee.user_id = login
            self.assertNothingMissed()
            self.assertCredits({2: "1000", 3: "500"})


class TestMissedPaid(MissedCase):
    def test_payment_date_moved_within_closed_months(self):
        """After the days of a handover's split the credit is the incoming manager's
        alone.
        """
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
        """Match a bank statement line without a payment."""
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
