"""A manager's page: figures by records, readers, and no page before the notice."""

from datetime import date

from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import LoyaltyCase


@tagged("nka_loyalty")
class TestPages(LoyaltyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._accepted()
        cls.other_agreement = cls._accepted(cls.other_employee)
        cls._inform()

    # ------------------------------------------------------------ notice
    def test_no_page_before_the_notice(self):
        self.assertTrue(self._page())
        self.env.company.nka_pages_kept = False
        self.assertFalse(self._page())
        action = self.env["nka.manager.page"].with_user(self.manager).action_open_mine()
        self.assertNotIn("res_id", {key: 1 for key in action if action.get("res_id")})
        with self.refused(ValidationError, "informed"):
            self.env.company.write(
                {"nka_pages_kept": True, "nka_pages_informed_on": False}
            )
        with self.refused(ValidationError, "informed"):
            self.env.company.write(
                {
                    "nka_pages_kept": True,
                    "nka_pages_informed_on": self.today + self._days(1),
                }
            )
        with self.refused(ValidationError, "text"):
            self.env.company.write(
                {"nka_pages_kept": True, "nka_pages_notice": "We keep things"}
            )

    # ------------------------------------------------------------ figures
    def test_tenure(self):
        """It begins with the first agreement if no contract is earlier."""
        self.employee.version_id.contract_date_start = date(2025, 3, 1)
        self.env.invalidate_all()
        page = self._page()
        self.assertEqual(page.date_start, date(2024, 1, 1))
        span = relativedelta(self.today, date(2024, 1, 1))
        self.assertEqual(page.tenure_months, span.years * 12 + span.months)
        self.employee.version_id.contract_date_start = date(2020, 3, 1)
        self.env.invalidate_all()
        page = self._page()
        self.assertEqual(page.date_start, date(2020, 3, 1))
        self.assertRegex(page.tenure, r"\d years, \d+ months")

    def test_pay_of_twelve_locked_months(self):
        """Open and approved months and those of a thirteenth month don't count."""
        for step in range(14):
            month = date(2026, 10, 1) - relativedelta(months=step)
            self._locked(self.employee, month, 100000 + step, self.agreement)
        self._locked(self.employee, date(2026, 11, 1), 900000, state="approved")
        page = self._page()
        self.assertEqual(page.paid_months, 12)
        self.assertEqual(page.paid_amount, 12 * 100000 + 66)
        self.assertAlmostEqual(page.paid_average, 100005.5, 2)
        self.assertAlmostEqual(page.paid_ratio, 50, 1)
        self.assertEqual(page.target_earnings, 200000)
        columns = page._prepare_columns()
        self.assertEqual(len(columns), 12)
        self.assertEqual(columns[0][2], 100)
        self.assertIn("Oct 26", page.pay_graph)
        self.assertNotIn("Nov 26", page.pay_graph)

    def test_median_needs_three(self):
        month = date(2026, 10, 1)
        third = self.env["hr.employee"].create(
            {"name": "Third", "user_id": self.supervisor_2.id}
        )
        self._locked(self.employee, month, 100000)
        self._locked(self.other_employee, month, 300000)
        self.assertFalse(self._page().team_median)
        self._locked(third, month, 200000)
        self.env.invalidate_all()
        page = self._page()
        self.assertEqual(page.team_size, 3)
        self.assertEqual(page.team_median, 200000)
        self.assertEqual(page.median_ratio, 50)

    def test_market(self):
        job = self.env["hr.job"].create({"name": "Key account manager"})
        self._locked(self.employee, date(2026, 10, 1), 100000)
        figures = self.env["nka.pay.market"]._unlocked()
        vals = {
            "name": "KAM",
            "amount": 125000,
            "source": "Survey A",
            "date": self.today - self._days(20),
            "company_id": self.env.company.id,
            "state": "approved",
        }
        figures.create(vals)
        self.env["nka.pay.market"].create({**vals, "amount": 1, "state": "draft"})
        page = self._page()
        self.assertEqual(page.market_amount, 125000)
        self.assertEqual(page.market_ratio, 80)
        self.assertIn("Survey A", page.market_source)
        figures = self.env["nka.pay.market"]._unlocked()
        figures.create({**vals, "amount": 200000, "job_id": job.id})
        self.env.invalidate_all()
        self.assertEqual(self._page().market_amount, 125000)
        self.employee.job_id = job
        self.env.invalidate_all()
        self.assertEqual(self._page().market_ratio, 50)

    def test_promises(self):
        late = self._late()
        kept = self._promise()
        kept.with_user(self.hr).action_keep("Done")
        kept.with_user(self.manager).action_confirm()
        disputed = self._late()
        disputed.with_user(self.hr).action_keep("Done")
        disputed.with_user(self.manager).action_dispute("Not done")
        after = self._late()
        after.with_user(self.hr).action_keep("Done at last")
        broken = self._promise()
        broken.with_user(self.hr).action_break("No money")
        gone = self._promise()
        gone.with_user(self.supervisor).action_withdraw("Not needed")
        self._promise()
        page = self._page()
        self.assertEqual(page.promise_kept, 2)
        self.assertEqual(page.promise_confirmed, 1)
        self.assertEqual(page.promise_late, 1)
        self.assertEqual(page.promise_disputed, 1)
        self.assertEqual(page.promise_overdue, 2)
        self.assertEqual(page.promise_broken, 1)
        self.assertEqual(page.promise_withdrawn, 1)
        self.assertEqual(page.promise_open, 2)
        self.assertAlmostEqual(page.promise_rate, 40, 1)
        self.assertIn(late, page.promise_ids)
        overdue = page.search([("promise_overdue", ">", 0)])
        self.assertEqual(overdue, page)

    def test_load_and_mentees(self):
        self._new_invoice(self.client, 700)
        account = self.env["nka.key.account"].search(
            [("partner_id", "=", self.client.id)]
        )
        self.assertEqual(self._page().account_count, 0)
        self.env.cr.execute(
            "UPDATE nka_key_account SET state = 'key' WHERE id = %s", [account.id]
        )
        self.env["nka.mentorship"].create(
            {"mentor_id": self.manager.id, "mentee_id": self.colleague.id}
        )
        self.env.invalidate_all()
        page = self._page()
        self.assertEqual(page.account_count, 1)
        self.assertEqual(page.revenue, account.trailing_revenue)
        self.assertEqual(page.revenue, 700)
        self.assertEqual(page.mentee_count, 1)
        self.assertEqual(page.mentees, self.colleague.name)
        found = self.env["nka.key.account"].search(
            page.action_open_accounts()["domain"]
        )
        self.assertEqual(found, account)

    def test_dependency(self):
        account = self.env["nka.key.account"].search(
            [("partner_id", "=", self.client.id)]
        )
        self.env["nka.dependency"].search([]).unlink()
        for month, is_current in (
            (date(2026, 10, 1), False),
            (date(2026, 11, 1), True),
        ):
            self.env["nka.dependency"].create(
                {
                    "key_account_id": account.id,
                    "company_id": account.company_id.id,
                    "user_id": self.manager.id,
                    "month": month,
                    "is_current": is_current,
                    "share": 80,
                    "revenue": 560,
                    "revenue_change": 60,
                }
            )
        page = self._page()
        self.assertEqual(page.dependency_revenue, 560)
        self.assertEqual(page.dependency_change, 60)
        self.assertEqual(page.dependency_ids.key_account_id, account)

    def test_leaver_stays_a_year(self):
        self.env.cr.execute("DELETE FROM nka_key_account")
        for days, is_shown in ((300, True), (400, False)):
            self.env.cr.execute(
                "UPDATE nka_pay_agreement SET state = 'ended', date_to = %s WHERE id = %s",
                [self.today - self._days(days), self.agreement.id],
            )
            self.env.invalidate_all()
            self.assertEqual(bool(self._page()), is_shown)

    # ------------------------------------------------------------ readers
    def test_director_reads_all(self):
        pages = self.env["nka.manager.page"].with_user(self.director).search([])
        self.assertLessEqual(
            {self.manager, self.colleague}, set(pages.sudo().mapped("user_id"))
        )
        pages.web_search_read([], {"user_id": {"fields": {}}, "paid_average": {}})
        shown = {fname: {} for fname in pages._fields}
        pages[:1].web_read(shown)

    def test_manager_reads_their_own(self):
        self._late()
        pages = self.env["nka.manager.page"].with_user(self.manager)
        page = pages.search([])
        self.assertEqual(page.sudo().user_id, self.manager)
        self.assertEqual(page.notice, self.env.company.nka_pages_notice)
        self.assertEqual(page.promise_overdue, 1)
        self.assertEqual(page.action_open_mine()["res_id"], page.id)
        view = page.get_view(view_type="form")["arch"]
        for fname in (
            "team_median",
            "median_ratio",
            "market_amount",
            "market_source",
            "dependency_revenue",
            "dependency_ids",
        ):
            self.assertNotIn(f'"{fname}"', view)
            with self.refused(AccessError):
                page.read([fname])
            with self.refused(AccessError):
                page.search([(fname, "!=", False)])
        with self.refused(AccessError):
            pages._read_group([], [], ["team_median:sum"])
        other = self._page(self.director, self.other_employee)
        with self.refused(AccessError):
            other.with_user(self.manager).read(["paid_amount"])
        with self.refused(AccessError):
            other.with_user(self.manager)._prepare_columns()

    def test_others_are_refused(self):
        page = self._page()
        for user in (
            self.supervisor,
            self.officer,
            self.kam_admin,
            self.salesman,
            self.employee_user,
        ):
            with self.refused(AccessError):
                page.with_user(user).read(["paid_amount"])
        for user in (self.director, self.manager):
            with self.refused(AccessError):
                page.with_user(user).write({"employee_id": self.other_employee.id})
            with self.refused(AccessError):
                page.with_user(user).unlink()
            with self.refused(AccessError):
                page.with_user(user).create({})

    def test_director_of_another_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        director = self._new_user(
            "nka_director_2",
            "group_key_account_director",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.assertFalse(self.env["nka.manager.page"].with_user(director).search([]))

    def test_printed_page(self):
        self._late(name="Assistant for tenders")
        self._locked(self.employee, date(2026, 10, 1), 100000, self.agreement)
        reports = self.env["ir.actions.report"]
        html, _kind = reports.with_user(self.director)._render_qweb_html(
            "nka_key_accounts.report_manager_page", self._page().ids
        )
        for words in ("Assistant for tenders", "Oct 26", self.manager.name):
            self.assertIn(words, html.decode())
        with self.refused(AccessError):
            reports.with_user(self.colleague)._render_qweb_html(
                "nka_key_accounts.report_manager_page", self._page().ids
            )
        self.assertEqual(
            self._page().action_print()["report_name"],
            "nka_key_accounts.report_manager_page",
        )

    def test_queries_do_not_grow(self):
        """The list of all pages takes as many queries for two managers as for five."""
        self._promise()
        names = ["tenure", "paid_average", "market_amount", "promise_ids", "mentees"]

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            pages = self.env["nka.manager.page"].with_user(self.director)
            self.assertTrue(pages.search_read([], names))
            return self.cr.sql_log_count - before

        count()
        few = count()
        for number in range(3):
            user = self._new_user(f"nka_more_{number}", "group_key_account_manager")
            employee = self.env["hr.employee"].create(
                {"name": user.name, "user_id": user.id}
            )
            self._accepted(employee)
            self._promise(employee_id=employee.id)
        count()
        self.assertLessEqual(count(), few)
