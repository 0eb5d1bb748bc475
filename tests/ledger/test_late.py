"""What an incremental build reads again, and where late changes go."""

from datetime import date

from .common import LedgerCase

FEBRUARY, MARCH, APRIL = date(2025, 2, 10), date(2025, 3, 10), date(2025, 4, 10)
JUNE, JULY, AUGUST = date(2025, 6, 10), date(2025, 7, 10), date(2025, 8, 10)


class TestLatePaid(LedgerCase):
    def _paid(self, amount, invoiced, paid):
        invoice = self._invoice(amount, invoiced, taxes=self.tax.browse())
        payment = self._money(amount, paid)
        self._match(invoice, payment)
        return invoice, payment

    def test_first_payment_ever_in_a_closed_month(self):
        """Nothing was reconciled before, so no high-water mark was set."""
        invoice = self._invoice(1000, FEBRUARY, taxes=self.tax.browse())
        self._age()
        self._build()
        self._close_month(MARCH)
        self._match(invoice, self._money(1000, MARCH))
        self._build()
        self.assertCredits({4: "1000"})
        self.assertEqual(self._lines().reason, "late")

    def test_changes_without_any_agreement_are_not_kept(self):
        """They would add up for years; the first build reads everything."""
        other = self.env["res.company"].create({"name": "Without agreements"})
        self.cr.execute(
            "INSERT INTO nka_bonus_touched (company_ref, move_ref) VALUES (%s, 7)",
            [other.id],
        )
        self.assertEqual(self.env["nka.bonus.builder"]._build(other), 0)
        touched = self.env["nka.bonus.touched"].sudo()
        self.assertFalse(touched.search([("company_ref", "=", other.id)]))

    def test_payment_in_a_closed_month_after_others(self):
        self._paid(300, FEBRUARY, MARCH)
        invoice = self._invoice(1000, FEBRUARY, taxes=self.tax.browse())
        self._age()
        self._build()
        self._close_month(MARCH)
        self._match(invoice, self._money(1000, MARCH))
        self._build()
        self.assertCredits({3: "300", 4: "1000"})

    def test_owner_changed_after_the_clock_was_ahead(self):
        """The last build has a date to come; what changes until then counts as well."""
        self._accepted(self.other_employee, date_from=date(2025, 1, 1))
        self._paid(1000, MARCH, APRIL)
        self._age()
        self._build()
        self.assertEqual(self._credited(), 1000)
        self._close_month(APRIL)
        self.cr.execute(
            """UPDATE nka_bonus_head
                  SET date = now() AT TIME ZONE 'UTC' + interval '3 days'"""
        )
        february_end = date(2025, 2, 28)
        self.account.assignment_ids._unlocked().write({"date_to": february_end})
        self._new_owner(self.account, self.colleague, date(2025, 3, 1))
        self._build()
        credited = [
            self._credited(user=user) for user in (self.manager, self.colleague)
        ]
        self.assertEqual(credited, [0, 1000])
        self.cr.execute(
            "SELECT bool_and(date <= now() AT TIME ZONE 'UTC') FROM nka_bonus_head"
        )
        self.assertEqual(self.cr.fetchone(), (True,))

    def _undone_behind(self, month):
        """Pay in March and build, close up to a month, then undo the match."""
        invoice, payment = self._paid(1000, FEBRUARY, MARCH)
        self._age()
        self._build()
        self._close_month(month)
        payment.move_id.line_ids.remove_move_reconcile()
        return invoice, payment

    def test_undone_in_a_closed_month_and_matched_again(self):
        """A mistake in accounting has no lasting cost."""
        invoice, payment = self._undone_behind(MARCH)
        self._build()
        self.assertCredits({3: "1000", 4: "-1000"})
        self._match(invoice, payment)
        self._build()
        self.assertCredits({3: "1000"})

    def test_matched_again_in_the_next_half_year_counts_in_its_own(self):
        """Neither the rate nor the tiers of the next half-year apply."""
        invoice, payment = self._undone_behind(JUNE)
        self._build()
        self._match(invoice, payment)
        self._build()
        first, taken, again = self._lines()
        self.assertEqual(
            [first.amount, taken.amount, again.amount], [1000, -1000, 1000]
        )
        self.assertEqual((taken | again).mapped("origin_date"), [MARCH, MARCH])
        self.assertEqual((taken | again).corrects_id, first)
        self.assertNotEqual(again.source_ref, first.source_ref)

    def test_matched_again_before_a_build(self):
        invoice, payment = self._undone_behind(JUNE)
        self._match(invoice, payment)
        self._build()
        self.assertEqual(set(self._lines().mapped("origin_date")), {MARCH})
        self.assertEqual(sum(self._lines().mapped("amount")), 1000)

    def test_other_payment_counts_when_it_arrives(self):
        invoice, _payment = self._undone_behind(JUNE)
        self._build()
        self._match(invoice, self._money(1000, JULY))
        self._build()
        self.assertEqual(self._lines()[-1].origin_date, JULY)

    def test_refund_reverses_the_last_payment_before_it(self):
        """Invoiced in one half-year, paid in the next: the credit of the next is
        reversed.
        """
        invoice, _payment = self._paid(1000, JUNE, JULY)
        self._age()
        self._build()
        note = self._credit_note(invoice, AUGUST, amount=400, match=False)
        self._match(note, self._money(400, AUGUST, kind="outbound"))
        self._build()
        self.assertCredits({7: "1000", 8: "-400"})
        self.assertEqual(self._lines()[-1].origin_date, JULY)

    def test_refund_reverses_the_later_of_two_payments(self):
        """600 in June, 400 in July."""
        invoice = self._invoice(1000, FEBRUARY, taxes=self.tax.browse())
        for amount, day in ((600, JUNE), (400, JULY)):
            self._match(invoice, self._money(amount, day))
        note = self._credit_note(invoice, AUGUST, amount=300, match=False)
        self._match(note, self._money(300, AUGUST, kind="outbound"))
        self._build()
        self.assertCredits({6: "600", 7: "400", 8: "-300"})
        self.assertEqual(self._lines()[-1].origin_date, JULY)

    def test_refund_of_a_payment_credited_late(self):
        """The credit of June counted in July, so July is where it is reversed."""
        invoice = self._invoice(1000, FEBRUARY, taxes=self.tax.browse())
        self._build()
        self._close_month(JUNE)
        self._match(invoice, self._money(1000, JUNE))
        self._build()
        note = self._credit_note(invoice, AUGUST, amount=400, match=False)
        self._match(note, self._money(400, AUGUST, kind="outbound"))
        self._build()
        self.assertCredits({7: "1000", 8: "-400"})
        self.assertEqual(self._lines()[-1].origin_date, date(2025, 7, 1))

    def test_refund_of_an_uncredited_payment_counts_in_its_own_month(self):
        """The payment came before the agreement began."""
        invoice, _payment = self._paid(1000, date(2024, 11, 1), date(2024, 12, 1))
        self.account.assignment_ids._unlocked().write({"date_from": date(2024, 1, 1)})
        note = self._credit_note(invoice, JULY, amount=400, match=False)
        self._match(note, self._money(400, AUGUST, kind="outbound"))
        self._build()
        self.assertCredits({8: "-400"})
        self.assertEqual(self._lines().origin_date, AUGUST)

    def test_payment_date_moved_between_open_months(self):
        invoice = self._invoice(1000, FEBRUARY, taxes=self.tax.browse())
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": MARCH,
                "amount": 1000,
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
        suspense.with_context(
            skip_readonly_check=True
        ).account_id = receivable.account_id
        self._match(invoice, line.move_id)
        self._age()
        self._build()
        self.assertCredits({3: "1000"})
        line.date = APRIL
        self.env.flush_all()
        self._build()
        self.assertCredits({4: "1000"})


class TestLateInvoiced(LedgerCase):
    BASIS = "invoiced"

    def test_credit_notes_around_a_closed_month_never_exceed_the_credit(self):
        invoice = self._invoice(1000, FEBRUARY)
        self._credit_note(invoice, MARCH, amount=700, match=False)
        self._age()
        self._build()
        self._close_month(MARCH)
        self._credit_note(invoice, APRIL, amount=700, match=False)
        self._build()
        self.assertCredits({2: "1000", 3: "-700", 4: "-300"})

    def test_invoice_posted_in_a_closed_month(self):
        self._age()
        self._build()
        self._close_month(MARCH)
        self._invoice(500, MARCH)
        self._build()
        self.assertCredits({4: "500"})

    def test_posted_again_for_less_after_the_close(self):
        invoice = self._invoice(1000, MARCH)
        self._age()
        self._build()
        self._close_month(MARCH)
        invoice.button_draft()
        invoice.invoice_line_ids.price_unit = 700
        invoice.action_post()
        self._build()
        self.assertCredits({3: "1000", 4: "-300"})
        line = self._lines()[-1]
        self.assertEqual(
            (line.reason, line.origin_date, line.corrects_id),
            ("changed", MARCH, self._lines()[0]),
        )

    def test_client_of_a_posted_invoice_changes(self):
        """Moved to a client without an account, the credit is reversed; moved back, it
        returns.
        """
        invoice = self._invoice(1000, MARCH)
        self._age()
        self._build()
        self._close_month(MARCH)
        plain = self._new_client("Nobody's")
        invoice.button_draft()
        invoice.partner_id = plain
        invoice.action_post()
        self._build()
        self.assertCredits({3: "1000", 4: "-1000"})
        invoice.button_draft()
        invoice.partner_id = self.client
        invoice.action_post()
        self._build()
        self.assertCredits({3: "1000"})

    def test_full_build_reverses_what_left_accounting(self):
        """Neither is among the invoices of key accounts any more."""
        passed_on, dropped = self._invoice(1000, MARCH), self._invoice(300, APRIL)
        self._build()
        self.assertCredits({3: "1000", 4: "300"})
        passed_on.button_draft()
        passed_on.partner_id = self._new_client("Nobody's")
        passed_on.action_post()
        dropped.button_draft()
        dropped.with_context(force_delete=True).unlink()
        with self._read_as_a_whole():
            self._build()
        self.assertCredits({})

    def test_credit_note_of_a_late_invoice_reverses_where_it_counted(
        self,
    ):
        self._build()
        self._close_month(JUNE)
        invoice = self._invoice(1000, JUNE)
        self._build()
        self._credit_note(invoice, AUGUST, amount=400, match=False)
        self._build()
        self.assertCredits({7: "1000", 8: "-400"})
        self.assertEqual(self._lines()[-1].origin_date, date(2025, 7, 1))

    def test_receipts_and_credit_notes_without_a_source(self):
        receipt = self._invoice(100, MARCH, move_type="out_receipt")
        note = self._invoice(30, APRIL, move_type="out_refund")
        self._build()
        self.assertEqual(receipt.state, note.state)
        self.assertCredits({3: "100", 4: "-30"})
        self.assertEqual(self._lines()[-1].origin_date, APRIL)

    def test_two_companies_have_two_ledgers(self):
        """The same client, user and day in a company whose currency has other decimals."""
        sister = self.env["res.company"].create({"name": "Sister"})
        self._invoice(500, MARCH)
        self._build()
        self._close_month(MARCH)
        builder = self.env["nka.bonus.builder"]
        self.assertEqual(builder._first_open_day(sister), date.min)
        self.assertEqual(builder._first_open_day(self.company), date(2025, 4, 1))
        self.assertEqual(builder._parts(sister), [])
        self.assertEqual(builder._credit_terms(sister), [])
