"""Credit reconciliation: every error is reported, and nothing correct is listed."""

from datetime import date, timedelta

from .common import YEAR_START, LedgerCase

FEBRUARY, MARCH, APRIL = date(2025, 2, 10), date(2025, 3, 10), date(2025, 4, 10)


class ComparedCase(LedgerCase):
    def _differences(self, day):
        """Return the differences in the month of a day: due and credited amount of each
        person.
        """
        first = day.replace(day=1)
        last = (first + timedelta(40)).replace(day=1) - timedelta(1)
        lines = self.env["nka.bonus.check"]._check(self.company, first, last, True)
        seen = ["name", "user_id", "due", "credited", "reason"]
        return [
            tuple(line[name] for name in seen)
            for line in lines.line_ids.sorted(lambda line: (line.name, line.reason))
        ]

    def assertInOrder(self, *days):
        for day in days or (FEBRUARY, MARCH, APRIL):
            self.assertEqual(self._differences(day), [])


class TestComparedInvoiced(ComparedCase):
    BASIS = "invoiced"

    def test_credit_that_belongs_to_another_person(self):
        """The totals are equal, and still no one has what is due to them."""
        plan = self.env["nka.pay.plan"].create({"name": "The colleague's plan"})
        self._approved_version(YEAR_START, plan, bonus_basis=self.BASIS)
        self._accepted(self.other_employee, plan_id=plan.id, date_from=YEAR_START)
        invoice = self._invoice(1000, MARCH)
        self._build()
        self.account.assignment_ids._unlocked().write({"user_id": self.colleague.id})
        theirs = (invoice.name, self.manager, 0, 1000, "gone")
        due = (invoice.name, self.colleague, 1000, 0, "missing")
        self.assertEqual(self._differences(MARCH), [theirs, due])
        self._build()
        self.assertInOrder()

    def test_credit_of_an_open_month_that_belongs_to_another(self):
        invoice = self._invoice(1000, MARCH)
        self._build()
        invoice.button_draft()
        invoice.invoice_date = APRIL
        invoice.action_post()
        wrong = (invoice.name, self.manager, 1000, 1000, "missing")
        self.assertEqual(self._differences(MARCH), [wrong])
        self.assertEqual(self._differences(APRIL), [wrong])
        self._build()
        self.assertInOrder()

    def test_date_moved_out_of_a_closed_month_changes_nothing(self):
        """The credit stays in the month it was paid in."""
        invoice = self._invoice(1000, MARCH)
        self._age()
        self._build()
        self._close_month(MARCH)
        invoice.button_draft()
        invoice.invoice_date = APRIL
        invoice.action_post()
        self.assertInOrder()
        self.assertEqual(self._build(), 0)

    def test_deleted_invoice_with_its_credit_note(self):
        invoice = self._invoice(1000, FEBRUARY)
        self._credit_note(invoice, MARCH, amount=300, match=False)
        self._age()
        self._build()
        self._close_month(MARCH)
        invoice.button_draft()
        self._build()
        self.assertInOrder()
        invoice.with_context(force_delete=True).unlink()
        self._build()
        self.assertInOrder()


class TestComparedPaid(ComparedCase):
    def test_closed_month_whose_credit_was_undone_and_restored(self):
        invoice = self._invoice(1000, MARCH)
        payment = self._money(1200, MARCH)
        self._match(invoice, payment)
        self._age()
        self._build()
        self._close_month(MARCH)
        payment.move_id.line_ids.remove_move_reconcile()
        gone = (invoice.name, self.manager, 0, 1000, "gone")
        self.assertEqual(self._differences(MARCH), [gone])
        self._build()
        self.assertInOrder()
        self._match(invoice, payment)
        self._build()
        self.assertInOrder()

    def test_refund_before_and_after_the_close(self):
        invoice = self._invoice(1000, FEBRUARY, taxes=self.tax.browse())
        self._match(invoice, self._money(1000, FEBRUARY))
        note = self._credit_note(invoice, MARCH, amount=400, match=False)
        self._match(note, self._money(100, MARCH, kind="outbound"))
        self._build()
        self._close_month(MARCH)
        self._match(note, self._money(300, MARCH, kind="outbound"))
        self._build()
        self.assertInOrder()
        self.assertCredits({2: "1000", 3: "-100", 4: "-300"})

    def test_month_before_the_first_agreement(self):
        invoice = self._invoice(1000, date(2024, 11, 5))
        self._match(invoice, self._money(1200, date(2024, 12, 5)))
        self._build()
        self.assertInOrder(date(2024, 11, 1), date(2024, 12, 1))

    def test_lines_of_another_company_are_neither_reversed_nor_compared(self):
        """A full build reads all lines of its own company only."""
        sister = self.env["res.company"].create({"name": "Sister"})
        self._accept_in(sister)
        self._match(self._invoice(1000, MARCH), self._money(1200, MARCH))
        self._build()
        with self._read_as_a_whole():
            self.assertEqual(self.env["nka.bonus.builder"]._build(sister), 0)
            check = self.env["nka.bonus.check"]._check(sister, FEBRUARY, APRIL)
        self.assertFalse(check.line_ids)
        self.assertCredits({3: "1000"})

    def test_comparing_again_takes_no_further_locks(self):
        """All sessions share the server's lock table: closing a large month must not
        fill it.
        """
        self._pay(self._invoice(1000, FEBRUARY), 1000, MARCH)
        self._build()
        person_rows = self.env["nka.bonus.check"]._of_person
        compared = (
            self._differences,
            lambda day: person_rows(
                self.manager, self.company, day.replace(day=1), day
            ),
        )
        for compare in compared:
            compare(MARCH)
        held = self._locks()
        for compare in compared * 2:
            compare(APRIL)
        self.assertEqual(self._locks(), held)

    def _locks(self):
        self.env.cr.execute(
            "SELECT COUNT(*) FROM pg_locks WHERE pid = pg_backend_pid()"
        )
        return self.env.cr.fetchone()[0]

    def _accept_in(self, company):
        """Create an agreement there too: a build without agreements does nothing."""
        builder = self.env["nka.bonus.builder"]
        terms = builder._credit_terms(self.company)
        self.assertFalse(builder._credit_terms(company))
        self.patch(type(builder), "_credit_terms", lambda self, company: terms)
