"""Money that arrived, invoice by invoice; amounts reasoned by hand."""

from datetime import date

from .common_ledger import LedgerCase


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

    def test_nothing_is_written_twice(self):
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
