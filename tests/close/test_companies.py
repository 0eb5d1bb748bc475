"""Months of two companies with two currencies, closed by the same officers."""

from odoo.exceptions import AccessError

from .common import NOVEMBER, CompaniesCase


class TestCompanies(CompaniesCase):
    def test_each_month_has_its_own_employees_amounts_and_payslips(self):
        pages = self.env["nka.month.close"]
        home = self._in(self.officer, pages, self.company).create({"month": NOVEMBER})
        there = self._in(self.officer, pages).create({"month": NOVEMBER})
        self.assertEqual(
            (home.company_id, there.company_id), (self.company, self.abroad)
        )
        self._lock(home, self.company)
        self.assertEqual(there.state, "open")
        self._lock(there, self.abroad)
        ours, theirs = home.sudo().statement_ids, there.sudo().statement_ids
        self.assertEqual(ours.employee_id, self.employee)
        self.assertEqual(theirs.user_id, self.foreigner)
        self.assertEqual(theirs.currency_id, self.euro)
        self.assertEqual(there.total_amount, 2000.02)
        # 1,000 euros at the invoice's own rate of 0.5, and 5 % of the result.
        self.assertEqual((ours.credit_amount, ours.bonus_amount), (2000, 100))
        for close, statement in ((home, ours), (there, theirs)):
            slip = statement.payslip_id
            self.assertEqual(slip.company_id, close.company_id)
            self.assertEqual(slip.struct_id.company_id, close.company_id)
            self.assertEqual(slip.nka_total_amount, statement.total_amount)
            close.sudo()._check_sealed()
        self.assertNotEqual(home.digest, there.digest)
        self._check_seen(home, there)

    def _check_seen(self, home, there):
        """Users neither see nor work in a company they haven't switched to."""
        mine = self._in(self.officer, self.env["nka.month.close"], self.company)
        self.assertEqual(mine.search([]), home)
        with self.refused(AccessError):
            self._in(self.officer, there, self.company).read(["total_amount"])
        with self.refused(AccessError):
            self._in(self.second, there, self.company).action_mark_paid()
        both = mine.with_context(allowed_company_ids=(self.company | self.abroad).ids)
        self.assertEqual(set(both.search([])), {home, there})
        self.assertIn("Abroad", both.browse(there.id).display_name)
        with self.refused(AccessError):
            self._in(self.foreigner, there).read(["state"])
        own = self._in(self.foreigner, self.env["nka.pay.statement"]).search([])
        self.assertEqual(own, there.sudo().statement_ids)
