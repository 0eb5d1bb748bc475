"""Months of two companies with two currencies, closed by the same officers."""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError

from .common_close import NOVEMBER, CloseCase


class TestCompanies(CloseCase):
    """At home dollars and sales, abroad euros and a manager of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True
        cls.env["res.currency.rate"].create(
            {"currency_id": cls.euro.id, "name": date(2025, 1, 1), "rate": 0.5}
        )
        cls.abroad = cls.env["res.company"].create(
            {"name": "Abroad", "currency_id": cls.euro.id}
        )
        both = [Command.link(cls.abroad.id)]
        (cls.officer | cls.second | cls.kam_admin).write({"company_ids": both})
        cls._hire_abroad()
        cls._invoice(1000, date(2025, 11, 12), currency_id=cls.euro.id)

    @classmethod
    def _hire_abroad(cls):
        cls.foreigner = cls._new_user("nka_abroad", "group_key_account_manager")
        cls.foreigner.write(
            {"company_ids": [Command.set(cls.abroad.ids)], "company_id": cls.abroad.id}
        )
        employee = cls._new_employee(cls.foreigner, company_id=cls.abroad.id)
        plans = cls.env["nka.pay.plan"].with_company(cls.abroad)
        plan = plans.create({"name": "Plan abroad", "company_id": cls.abroad.id})
        version = cls._in(cls.officer, plan.version_ids).create(
            {
                "plan_id": plan.id,
                "date_start": date(2025, 1, 1),
                "line_ids": cls._goal_list(),
                "tier_ids": [Command.create({"from_percent": 0})],
            }
        )
        version.action_submit()
        cls._in(cls.kam_admin, version).action_approve()
        agreement = cls._in(cls.officer, cls.env["nka.pay.agreement"]).create(
            {
                "employee_id": employee.id,
                "company_id": cls.abroad.id,
                "plan_id": plan.id,
                "target_earnings": 5000.05,
                "monthly_quota": 100000,
                "date_from": date(2025, 1, 1),
            }
        )
        agreement.action_propose()
        agreement.with_user(cls.foreigner).with_company(cls.abroad).action_accept()

    @classmethod
    def _in(cls, user, records, company=None):
        """Records as a person sees them who has switched to one company."""
        company = company or cls.abroad
        return records.with_user(user).with_context(allowed_company_ids=company.ids)

    def _lock(self, close, company):
        self._in(self.officer, close, company).action_calculate()
        for step in ("action_approve", "action_lock"):
            getattr(self._in(self.second, close, company), step)()

    def test_each_month_has_its_own_people_money_and_payslips(self):
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
        # 1,000 euros at the invoice's own rate of 0.5, and 5 % of them.
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
        """Nobody sees a company he hasn't switched to, nor works in it."""
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
