"""A sales receipt counts in every figure, and its reader finds it in the list behind it."""

from datetime import date, timedelta

from odoo import fields

from .common import LedgerCase


class TestReceipts(LedgerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.day = fields.Date.today() - timedelta(days=40)
        none = cls.tax.browse()
        cls.receipt = cls._invoice(50000, cls.day, taxes=none, move_type="out_receipt")
        cls._pay(cls.receipt, 50000, cls.day)
        cls.invoice = cls._invoice(1000, cls.day, taxes=none)

    def _revenue(self):
        self.env.invalidate_all()
        return self.account.trailing_revenue

    def test_figure_list_history_and_qualification_say_the_same(self):
        self.assertEqual(self._revenue(), 51000)
        mine = self.account.with_user(self.manager)
        action = mine.action_open_invoices()
        found = (
            self.env["account.move"].with_user(self.manager).search(action["domain"])
        )
        self.assertEqual(found, self.receipt | self.invoice)
        self.assertEqual(sum(found.mapped("amount_untaxed_signed")), 51000)
        self.env["nka.sales.history"]._refresh(self.company)
        rows = self.env["nka.sales.history"].search(
            [("key_account_id", "=", self.account.id)]
        )
        self.assertEqual(sum(rows.mapped("invoiced_amount")), 51000)
        qualification = self.account.qualification_ids[:1].copy()
        self.assertEqual(qualification.trailing_revenue, 51000)

    def test_the_supervisor_finds_it_too(self):
        found = self.env["account.move"].with_user(self.supervisor)
        self.assertIn(self.receipt, found.search([("id", "=", self.receipt.id)]))
        lines = self.env["account.move.line"].with_user(self.supervisor)
        self.assertTrue(lines.search([("move_id", "=", self.receipt.id)]))

    def test_others_dont(self):
        found = self.env["account.move"].with_user(self.colleague)
        self.assertFalse(found.search([("id", "=", self.receipt.id)]))

    def test_the_qualification_names_the_day_of_its_figure(self):
        qualification = self.account.qualification_ids[:1].copy()
        self._invoice(500, self.day, taxes=self.tax.browse())
        self.env.invalidate_all()
        self.assertEqual(qualification.trailing_revenue, 51000)
        self.assertEqual(qualification.revenue_today, 51500)
        self.assertEqual(qualification.facts_date, fields.Date.today())
        qualification.action_refresh_facts()
        self.assertEqual(qualification.trailing_revenue, 51500)

    def test_it_is_credited_when_it_is_paid(self):
        self.assertEqual(self.receipt.move_type, "out_receipt")
        self._build()
        self.assertCredits({date(self.day.year, self.day.month, 1): "50000"})

    def assertCredits(self, expected, user=None):
        found = {}
        for line in self._lines(user):
            month = line.date.replace(day=1)
            found[month] = found.get(month, 0) + line.amount
        self.assertEqual(found, {day: float(sum_) for day, sum_ in expected.items()})
