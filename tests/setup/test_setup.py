"""The setup page: dates follow from the first month, roles, and what is still missing."""

import re
from datetime import date

from odoo.addons.nka_key_accounts.models.setup.nka_setup_person import ROLE_FIELDS
from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.fields import Command

from ..common import NkaCase, new_user


class TestSetup(NkaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = new_user(cls.env, "nka_odoo", "base.group_system")
        cls.company = cls.env.company

    def _page(self, user=None):
        setups = self.env["nka.setup"].with_user(user or self.administrator)
        return setups.browse(setups.action_open_setup()["res_id"])

    def _items(self, page):
        return {item.code: item for item in page.item_ids}

    def test_administrators_fill_it_in_supervisors_and_officers_read(self):
        for user in (self.administrator, self.kam_admin):
            page = self._page(user)
            self.assertEqual(page.company_id, self.company)
            self.assertEqual(page, self._page(user), "one page a company")
            page.ownership_date = date(2025, 1, 1)
        for user in (self.supervisor, self.officer):
            page = self._page(user)
            self.assertTrue(page.todo_ids)
            with self.refused(AccessError):
                page.first_month = date(2025, 7, 1)
            with self.refused(AccessError, "Only an Odoo administrator"):
                page.action_apply_dates()
            with self.refused(AccessError):
                page.person_ids[:1].is_admin = True
        for user in (self.manager, self.employee_user, self.salesman):
            with self.refused(AccessError, "Only an Odoo administrator"):
                self._page(user)
            with self.refused(AccessError):
                page.with_user(user).read(["first_month"])
            with self.refused(AccessError):
                page.item_ids.with_user(user).read(["hint"])

    def test_dates_follow_from_the_first_month_and_can_be_changed(self):
        page = self._page()
        page.first_month = date(2025, 7, 1)
        self.assertEqual(page.plan_date, date(2025, 7, 1))
        self.assertEqual(page.agreement_date, date(2025, 7, 1))
        self.assertEqual(page.ownership_date, date(2024, 7, 1))
        page.agreement_date = date(2025, 8, 1)
        self.assertEqual(page.plan_date, date(2025, 7, 1))
        with self.refused(UserError, "isn't the first day of a month"):
            page.plan_date = date(2025, 7, 2)

    def test_a_mistyped_year_creates_no_seasons(self):
        page = self._page()
        before = self.env["nka.season"].search_count([])
        with self.refused(UserError, "too long ago"):
            page.first_month = date(25, 7, 1)
        self.assertEqual(self.env["nka.season"].search_count([]), before)

    def test_the_page_opens_while_the_plan_awaits_approval(self):
        plan = self.env.ref("nka_key_accounts.nka_pay_plan_default")
        version = plan.version_ids.with_user(self.officer)
        version.date_start = date(2025, 9, 1)
        version.action_submit()
        for user in (self.supervisor, self.administrator):
            self.assertEqual(self._page(user).plan_date, date(2025, 9, 1))
        self.assertEqual(version.date_start, date(2025, 9, 1))

    def test_dates_move_the_plan_create_past_seasons_and_are_on_record(self):
        page = self._page()
        page.first_month = date(2025, 5, 1)
        self.assertEqual(page._plan_versions()[:1].date_start, date(2025, 5, 1))
        self.assertEqual(self._items(page)["seasons"].result, "done")
        self.assertFalse(page.needs_dates)
        season = self.env["nka.season"]._season_on(date(2025, 5, 1), self.company)
        self.assertEqual(season.date_start, date(2025, 4, 1))
        self.assertIn("2025-05-01", self._events(page, "setup")[-1].note)

    def test_nominations_and_agreements_start_on_the_dates_of_the_page(self):
        page = self._page()
        page.first_month = date(2025, 7, 1)
        account = self._nominate(self.client)
        self.assertEqual(account.date_start, date(2024, 7, 1))
        agreement = self.env["nka.pay.agreement"].with_user(self.officer)
        self.assertEqual(agreement._next_month(), date(2025, 7, 1))

    def test_roles_are_the_groups_of_the_user(self):
        page = self._page()
        row = page.person_ids.filtered(lambda row: row.user_id == self.employee_user)
        row.is_officer = True
        role = "nka_key_accounts.group_key_account_payroll_officer"
        self.assertTrue(self.employee_user.has_group(role))
        row.is_officer = False
        self.assertFalse(self.employee_user.has_group(role))

    def test_both_tables_of_roles_have_every_role(self):
        for model, view in (("nka.setup", "form"), ("nka.setup.person", "list")):
            arch = self.env[model].get_view(view_type=view)["arch"]
            for name in ROLE_FIELDS:
                self.assertIn(f'name="{name}"', arch, model)

    def test_a_key_account_administrator_assigns_no_roles(self):
        page = self._page(self.kam_admin)
        row = page.person_ids.filtered(lambda row: row.user_id == self.kam_admin)
        with self.refused(AccessError):
            row.is_officer = True

    def test_every_item_opens_or_names_who_can(self):
        for user in (self.administrator, self.kam_admin, self.supervisor, self.officer):
            for item in self._page(user).item_ids:
                with self.subTest(item.code, user=user.login):
                    if item.can_open:
                        self.assertIn("type", item.action_open())
                        continue
                    with self.refused(UserError, "Ask .+|Nobody has it yet"):
                        item.action_open()

    def test_the_rows_say_who_does_the_next_step(self):
        officers = self.officer.name
        plan = self._items(self._page(self.officer))["plan"]
        self.assertEqual((plan.result, plan.people), ("missing", officers))
        self.assertTrue(plan.is_mine)
        version = self._page().sudo()._plan_versions()[:1]
        version.with_user(self.officer).action_submit()
        plan = self._items(self._page(self.kam_admin))["plan"]
        self.assertEqual(plan.people, self.kam_admin.name)
        self.assertTrue(plan.is_mine)
        self.assertEqual(plan.action_open()["res_id"], version.id)
        version.with_user(self.kam_admin).action_approve()
        page = self._page(self.kam_admin)
        self.assertIn("plan", page.done_ids.mapped("code"))
        self.assertEqual(self._items(page)["agreements"].result, "later")

    def test_what_another_item_must_precede_comes_later(self):
        """A company without accounts isn't told that its accounts have no owner."""
        role = self.env.ref("nka_key_accounts.group_key_account_manager")
        managers = role.all_user_ids
        managers.write({"group_ids": [Command.unlink(role.id)]})
        items = self._items(self._page())
        for code in ("contracts", "owners", "agreements"):
            self.assertEqual(items[code].result, "later", code)
            self.assertIn("Follows", items[code].hint)
        self.assertEqual(items["employees"].result, "missing")
        managers.write({"group_ids": [Command.link(role.id)]})
        self.env["hr.employee"].create(
            {
                "name": "Manager",
                "user_id": self.manager.id,
                "company_id": self.company.id,
            }
        )
        self._key_account(self.client)
        items = self._items(self._page())
        self.assertNotEqual(items["contracts"].result, "later")
        self.assertNotEqual(items["owners"].result, "later")

    def test_the_missing_role_is_not_named_like_the_first_user(self):
        role = self.env.ref("nka_key_accounts.group_key_account_admin")
        role.all_user_ids.write({"group_ids": [Command.unlink(role.id)]})
        entry = self._items(self._page())["entry"]
        self.assertEqual(entry.people, "Nobody yet: Key account administrator")

    def test_who_set_the_dates_cannot_approve_the_plan(self):
        page = self._page(self.kam_admin)
        page.first_month = date(2025, 7, 1)
        version = page.sudo()._plan_versions()[:1]
        version.with_user(self.officer).action_submit()
        plan = self._items(self._page(self.kam_admin))["plan"]
        self.assertIn("Nobody yet", plan.people)
        with self.refused(AccessError, "because you prepared it"):
            version.with_user(self.kam_admin).action_approve()

    def test_opening_the_page_prepares_no_plan(self):
        page = self._page(self.kam_admin)
        self.assertNotIn(self.kam_admin, page.sudo()._plan_versions()._makers())

    def test_rows_stay_the_same_while_others_open_the_page(self):
        rows = self._page().item_ids
        self.assertEqual(self._page(self.officer).item_ids.ids, rows.ids)

    def test_the_payroll_entry_needs_every_account_that_posting_needs(self):
        journal = self.env["account.journal"].search(
            [("type", "=", "general")], limit=1
        )
        account = self.env["account.account"].search(
            [("account_type", "=", "expense")], limit=1
        )
        names = ("nka_fixed_account_id", "nka_soft_account_id", "nka_bonus_account_id")
        self.company.write(
            {"nka_entry_journal_id": journal.id, **dict.fromkeys(names, account.id)}
        )
        self.assertEqual(self._items(self._page())["entry"].result, "optional")
        self.company.nka_payable_account_id = self.env["account.account"].search(
            [("account_type", "=", "liability_current")], limit=1
        )
        self.assertEqual(self._items(self._page())["entry"].result, "done")

    def test_the_first_month_is_closed_last(self):
        page = self._page()
        self.assertEqual(self._items(page)["closed"].result, "later")
        page.first_month = date(2025, 7, 1)
        self.assertEqual(self._items(page)["closed"].result, "missing")
        opened = self._items(self._page(self.officer))["closed"].action_open()
        self.assertEqual(opened["context"]["default_month"], "2025-07-01")


class TestTakeover(NkaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = new_user(cls.env, "nka_odoo", "base.group_system")
        for client, amount in ((cls.client, 9000), (cls.other_client, 500)):
            cls._new_invoice(client, amount, invoice_user_id=cls.manager.id)

    def _proposed(self, user=None):
        lines = self.env["nka.takeover.line"].with_user(user or self.administrator)
        lines.action_open_takeover()
        return lines.search([("company_id", "=", self.env.company.id)])

    def _line(self, client, user=None):
        return self._proposed(user).filtered(lambda line: line.partner_id == client)

    def test_the_largest_clients_are_proposed_with_manager_and_revenue(self):
        line = self._line(self.client)
        self.assertEqual(line.revenue, 9000)
        self.assertEqual(line.manager_id, self.manager)
        self.assertEqual(line.first_sale_date, self.today)
        self.assertTrue(line.tier_id and line.date_start)

    def test_who_sold_most_this_year_is_proposed_and_the_first_sale_is_of_any_year(
        self,
    ):
        old = self.today - self._days(900)
        self._new_invoice(self.client, 50000, old, invoice_user_id=self.colleague.id)
        self._new_invoice(self.client, 8000, invoice_user_id=self.colleague.id)
        gone = self._new_client("Bought long ago")
        self._new_invoice(gone, 70000, old, invoice_user_id=self.manager.id)
        line = self._line(self.client)
        self.assertEqual((line.revenue, line.first_sale_date), (17000, old))
        self.assertEqual(line.manager_id, self.manager)
        self.assertFalse(self._line(gone))

    def test_nominated_by_the_administrator_confirmed_by_a_supervisor(self):
        line = self._line(self.client)
        line.action_nominate()
        account = line.key_account_id.sudo()
        self.assertEqual(account.state, "candidate")
        self.assertEqual(account.nominated_by_id, self.administrator)
        with self.refused(AccessError):
            line.action_confirm()
        line.with_user(self.supervisor).action_confirm()
        self.assertEqual(account.state, "key")
        self.assertEqual(account.date_start, line.date_start)
        qualification = account.qualification_id
        self.assertTrue(qualification.is_takeover)
        self.assertEqual(qualification.reviewer_id, self.supervisor)
        self.assertEqual((qualification.date_valid - qualification.date).days // 365, 1)

    def test_who_nominated_cannot_confirm(self):
        line = self._line(self.client, self.supervisor)
        line.action_nominate()
        with self.refused(AccessError):
            line.action_confirm()
        line.with_user(self.supervisor_2).action_confirm()
        self.assertEqual(line.state, "confirmed")

    def test_nothing_is_nominated_while_a_row_is_incomplete(self):
        lines = self._proposed()
        lines[0].manager_id = False
        with self.refused(UserError, "fill in Key account manager"):
            lines.action_nominate()
        self.assertFalse(lines.key_account_id)

    def test_a_small_company_gets_all_its_clients(self):
        """Also those behind 80 % of the revenue; supervisors by reporting line."""
        boss = self.env["hr.employee"].create(
            {"name": "Boss", "user_id": self.supervisor.id}
        )
        self.env["hr.employee"].create(
            {"name": "Manager", "user_id": self.manager.id, "parent_id": boss.id}
        )
        lines = self._proposed()
        self.assertLessEqual(self.client | self.other_client, lines.partner_id)
        own = lines.filtered(lambda line: line.partner_id == self.other_client)
        self.assertEqual(own.supervisor_id, self.supervisor)

    def test_everyone_who_lacks_the_role_is_named(self):
        lines = self._proposed()
        lines.manager_id = self.salesman
        with self.refused(UserError, f"first to: {re.escape(self.salesman.name)}"):
            lines.action_nominate()

    def test_confirming_on_the_account_approves_the_qualification(self):
        line = self._line(self.client)
        line.action_nominate()
        account = line.key_account_id
        waiting = self.env["nka.qualification"].search(
            [("key_account_id", "=", account.id)]
        )
        self.assertFalse(waiting.activity_ids, "the confirmation decides about both")
        self.assertIn("a supervisor confirms", account._describe_candidate_step())
        for user in (self.manager, self.administrator, self.officer):
            with self.refused(AccessError):
                account.with_user(user).action_confirm()
        self.assertEqual(waiting.state, "submitted")
        account.with_user(self.supervisor).action_confirm()
        self.assertEqual((account.state, waiting.state), ("key", "approved"))

    def test_what_the_manager_changes_after_the_nomination_is_not_confirmed_unseen(
        self,
    ):
        line = self._line(self.client)
        line.action_nominate()
        account = line.key_account_id.with_user(self.manager)
        other = self.env.ref("nka_key_accounts.nka_tier_growth")
        for values, label in (
            ({"date_start": date(2020, 1, 1)}, "Owned from"),
            ({"tier_id": other.id}, "Account tier"),
        ):
            before = {name: account[name] for name in values}
            account.write(values)
            with self.refused(UserError, f"after the nomination: {label}"):
                line.with_user(self.supervisor).action_confirm()
            account.write(before)
        line.with_user(self.supervisor).action_confirm()
        self.assertEqual(account.sudo().date_start, line.date_start)

    def test_a_takeover_edited_by_hand_is_an_ordinary_qualification(self):
        """Neither moved to a client of one's own nor approved unread with the account."""
        self._line(self.client).action_nominate()
        taken = self.env["nka.qualification"].search([("is_takeover", "=", True)])
        other = self._nominate(self._new_client("Self-made"))
        changes = (
            {"key_account_id": other.id},
            {"credit_limit": 9_000_000},
            {"date_valid": date(2099, 1, 1)},
            {"verdict_reason": "I know them"},
        )
        taken.with_user(self.supervisor_2).action_return("Is it right?")
        for values in changes:
            with self.cr.savepoint() as save:
                own = taken.with_user(self.manager)
                own.write(values)
                self.assertFalse(own.is_takeover, values)
                with self.refused(UserError, "credit rating"):
                    own.action_submit()
                with self.refused(RedirectWarning, "no approved qualification"):
                    own.key_account_id.with_user(self.supervisor).action_confirm()
                save.rollback()
            self.env.invalidate_all()
        for door in ({"is_takeover": True}, {"state": "submitted"}):
            with self.refused(AccessError):
                taken.with_user(self.manager).write(door)

    def test_managers_take_nobody_over(self):
        with self.refused(AccessError, "Only a supervisor or an Odoo administrator"):
            self._proposed(self.manager)
        with self.refused(AccessError):
            self.env["nka.takeover.line"].with_user(self.manager).create(
                {"partner_id": self.client.id}
            )

    def test_revenue_and_account_are_not_written_by_hand(self):
        line = self._line(self.client)
        for name, value in (("revenue", 1), ("key_account_id", 1)):
            with self.refused(AccessError):
                line.write({name: value})


class TestAgreements(NkaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer_2 = cls._new_user("nka_pay2", "group_key_account_payroll_officer")
        cls.employee = cls.env["hr.employee"].create(
            {"name": "Manager", "user_id": cls.manager.id, "wage": 3000}
        )
        last_month = cls.today.replace(day=1) - cls._days(1)
        cls._new_invoice(cls.client, 148_000, last_month)
        cls._nominate(cls.client)
        plan = cls.env.ref("nka_key_accounts.nka_pay_plan_default")
        version = plan.version_ids
        if version.state == "draft":
            version.with_user(cls.officer).action_submit()
        version.with_user(cls.kam_admin).action_approve()
        cls.month = version.date_start

    def _rows(self):
        rows = self.env["nka.setup.agreement"].with_user(self.officer)
        rows.action_open_agreements()
        found = rows.search([("company_id", "=", self.env.company.id)])
        found.date_from = self.month
        return found

    def test_a_row_for_each_manager_without_an_agreement(self):
        self.assertEqual(self._rows().employee_id, self.employee)

    def test_wage_and_average_sales_are_proposed(self):
        row = self._rows()
        self.assertEqual((row.target_earnings, row.monthly_quota), (3000, 12_000))

    def test_goals_and_agreement_are_accepted_from_my_day(self):
        self._rows().action_propose()
        season = self.env["nka.season"]._season_on(self.month, self.env.company)
        season = season.with_user(self.supervisor)
        season.action_propose_goals()
        season.goal_ids.action_propose("First season")
        days = self.env["nka.day"].with_user(self.manager)
        day = days.browse(days.action_open()["res_id"])
        self.assertEqual(day.agreement_ids.employee_id, self.employee)
        self.assertEqual(day.proposed_goal_ids, season.goal_ids.with_user(self.manager))
        for user in (self.colleague, self.officer):
            with self.refused(AccessError):
                day.with_user(user).action_accept_goals()
        goals = day.proposed_goal_ids
        day.agreement_ids.action_accept()
        day.action_accept_goals()
        self.assertEqual(set(goals.mapped("state")), {"accepted"})
        self.env.invalidate_all()
        self.assertFalse(day.agreement_ids or day.proposed_goal_ids)

    def test_agreement_and_balance_are_created_together(self):
        row = self._rows()
        row.write(
            {
                "target_earnings": 100000,
                "monthly_quota": 1000000,
                "draw": 20000,
                "opening_balance": 5000,
                "opening_note": "Payroll list of June, page 2",
            }
        )
        row.action_propose()
        agreement = row.agreement_id
        self.assertEqual(agreement.state, "proposed")
        self.assertEqual((agreement.draw, agreement.monthly_quota), (20000, 1000000))
        self.assertEqual(row.opening_id.state, "submitted")
        self.assertEqual(row.opening_id.balance, 5000)
        row.opening_id.with_user(self.officer_2).action_approve()
        agreement.with_user(self.manager).action_accept()
        self.assertEqual(row.agreement_state, "accepted")
        with self.refused(UserError, "proposed already"):
            row.draw = 1

    def test_a_row_that_lacks_its_target_proposes_nothing(self):
        row = self._rows()
        row.target_earnings = 0
        with self.refused((UserError, ValidationError)):
            row.action_propose()
        self.assertFalse(row.agreement_id)

    def test_others_open_no_agreements(self):
        for user in (self.manager, self.supervisor, self.kam_admin):
            rows = self.env["nka.setup.agreement"].with_user(user)
            with self.refused(AccessError):
                rows.action_open_agreements()
