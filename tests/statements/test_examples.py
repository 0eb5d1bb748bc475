"""The worked examples of docs/pay.md, with real invoices, payments and reports."""

from datetime import date

from .common import StatementCase


class TestExamplesPaid(StatementCase):
    def test_example_6_payments_received(self):
        invoice = self._invoice(1000000, date(2025, 11, 3))
        self._pay(invoice, 480000, date(2025, 11, 20))
        self._pay(invoice, 600000, date(2025, 12, 5))
        self._credit_note(invoice, date(2025, 12, 10), amount=100000)
        november = self._calculate(date(2025, 11, 1))
        self.assertEqual(november.state, "calculated", november.exception)
        self.assertEqual(november.bonus_amount, 20000.00)
        december = self._calculate(date(2025, 12, 1))
        self.assertEqual(december.bonus_amount, 25000.00)

    def test_example_7_no_rounding_drift_within_a_half_year(self):
        for month in (7, 8, 9):
            invoice = self._invoice(
                33333.33, date(2025, month, 3), taxes=self.tax.browse()
            )
            self._pay(invoice, 33333.33, date(2025, month, 20))
        found = [
            self._calculate(date(2025, month, 1)).bonus_amount for month in (7, 8, 9)
        ]
        self.assertEqual(found, [1666.67, 1666.66, 1666.67])


class TestExamplesInvoiced(StatementCase):
    BASIS = "invoiced"

    def test_example_1_plain_month(self):
        self._cover(date(2025, 11, 1), date(2025, 11, 30))
        self._invoice(2000000, date(2025, 11, 12))
        statement = self._calculate(date(2025, 11, 1))
        self.assertFalse(statement.exception)
        amounts = [
            statement[name] for name in ("fixed_amount", "soft_amount", "bonus_amount")
        ]
        self.assertEqual(amounts, [80000.0, 0.0, 100000.0])
        self.assertEqual(statement.total_amount, 180000.0)
        self.assertEqual(statement.covered_days, statement.employed_days)
