"""Edge cases of a manager's day: departures, reopened deals, no history."""

from lxml import etree
from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, RedirectWarning, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from ..common import qualify
from ..competitors.common import CompetitorsCase
from ..plans.common import PlansCase
from ..reports.common import new_leave

AWAY_NOW = """
    UPDATE hr_leave SET date_from = now() AT TIME ZONE 'UTC' - interval '1 hour',
           date_to = now() AT TIME ZONE 'UTC' + interval '1 day' WHERE id = %s
"""


@tagged("nka_day")
class TestVerdicts(CompetitorsCase):
    """A qualification is in force until the next one is approved."""

    def test_a_later_rejection_ends_the_earlier_verdict(self):
        candidate = self._nominate(self.other_client)
        qualify(candidate, self.supervisor)
        self.assertTrue(candidate.qualification_id)
        qualify(candidate, self.supervisor, verdict="rejected")
        candidate.invalidate_recordset()
        self.assertFalse(candidate.qualification_id)
        with self.assertRaises(RedirectWarning):
            candidate.with_user(self.supervisor).action_confirm()
        again = qualify(candidate, self.supervisor, verdict="conditional")
        candidate.invalidate_recordset()
        self.assertEqual(candidate.qualification_id, again)

    def test_without_invoices_no_payment_history_is_shown(self):
        """Zero days and zero percent would look like a perfect payment record."""
        candidate = self._nominate(self.other_client)
        drafts = self.env["nka.qualification"].with_user(self.manager)
        draft = drafts.create({"key_account_id": candidate.id})
        form = Form(draft)
        for name in ("dso_days", "late_share", "paid_count", "worst_delay_days"):
            self.assertTrue(form._get_modifier(name, "invisible"), name)
        self._new_invoice(self.other_client, 100)
        draft.action_refresh_facts()
        self.assertFalse(Form(draft)._get_modifier("dso_days", "invisible"))

    def test_a_reversed_invoice_was_not_paid_late(self):
        invoice = self._new_invoice(self.client, 1000, self.today - self._days(90))
        invoice._reverse_moves(
            [{"invoice_date": self.today, "date": self.today}], cancel=True
        )
        self.assertEqual(invoice.payment_state, "reversed")
        drafts = self.env["nka.qualification"].with_user(self.manager)
        draft = drafts.create({"key_account_id": self.account.id})
        self.assertEqual((draft.paid_count, draft.worst_delay_days), (0, 0))


@tagged("nka_day")
class TestDepartures(CompetitorsCase):
    def test_a_contact_who_left_the_client_no_longer_counts(self):
        boss = self._map(self.director, role="decision_maker")
        self._map(self.engineer)
        self.assertNotIn("decision maker", str(self.account.people_warnings))
        self.director.active = False
        self.assertFalse(boss.active)
        self.env.invalidate_all()
        self.assertIn("No decision maker", self.account.people_warnings)
        self.assertEqual(self.account.stakeholder_count, 1)
        self.director.active = True
        self.assertTrue(boss.active)

    def test_an_employee_who_left_no_longer_counts(self):
        former = self._new_user("nka_former", "group_key_account_manager")
        self._map(self.director, role="decision_maker")
        self._map(self.engineer)
        for person in (self.manager, former):
            self._new_meeting(self.director, -1, person)
        self.env.flush_all()
        self.assertFalse(self.account.has_people_gap)
        former.active = False
        self.env.invalidate_all()
        self.assertTrue(self.account.has_people_gap)
        self.assertIn("two of our people", self.account.people_warnings)

    def test_contacts_return_from_the_deputy(self):
        """If time off is refused later, the deputy has no activities left from it."""
        employee = self.env["hr.employee"].create(
            {"name": "Manager", "user_id": self.manager.id}
        )
        jobs = self.env["nka.key.account"]
        self.account.with_user(self.supervisor).cadence_days = 1
        self.account.activity_ids.unlink()
        self._new_meeting(self.director, -9)
        jobs._cron_plan_contacts()
        [activity] = self.account.activity_ids
        self.assertEqual(activity.user_id, self.manager)
        leave = new_leave(self, employee, self.today, self.today)
        self.cr.execute(AWAY_NOW, [leave.id])
        for state, owner in (("validate", self.deputy), ("refuse", self.manager)):
            self.cr.execute(
                "UPDATE hr_leave SET state = %s WHERE id = %s", [state, leave.id]
            )
            self.env.invalidate_all()
            jobs._cron_plan_contacts()
            self.assertEqual(self.account.activity_ids, activity)
            self.assertEqual(activity.user_id, owner)
        # An activity that the manager assigned to a colleague stays with the colleague.
        activity.user_id = self.colleague
        jobs._cron_plan_contacts()
        self.assertEqual(activity.user_id, self.colleague)

    def test_consecutive_mentees(self):
        """Two at a time is the limit; consecutive mentorships don't add up."""
        mentor = self._new_user("nka_mentor", "group_key_account_manager")
        first, second, third = (
            self._new_user(f"nka_mentee_{number}", "group_key_account_manager")
            for number in range(3)
        )

        def begin(mentee, start, end):
            self.env["nka.mentorship"].with_user(self.supervisor).create(
                {
                    "mentor_id": mentor.id,
                    "mentee_id": mentee.id,
                    "date_from": self.today + self._days(start),
                    "date_to": self.today + self._days(end),
                }
            )

        begin(first, 0, 29)
        begin(second, 30, 59)
        begin(third, 0, 59)
        with self.assertRaisesRegex(ValidationError, "two mentees"):
            begin(self.manager, 59, 90)


@tagged("nka_day")
class TestDeputyAtWork(PlansCase):
    """An acting deputy has the manager's rights on the offer and the plan too."""

    def _away(self):
        employee = self.env["hr.employee"].create(
            {"name": "Manager", "user_id": self.manager.id}
        )
        leave = new_leave(self, employee, self.today, self.today)
        self.cr.execute(AWAY_NOW, [leave.id])
        self.env.invalidate_all()

    def test_works_on_the_offer(self):
        asked = self._ask()
        mine = asked.with_user(self.employee_user)
        mine.answer = "<p>Two robots</p>"
        mine.action_deliver()
        swap = self.env["nka.concession"].create(
            {"name": "Free start", "lead_id": self.lead.id, "gain": "Two years"}
        )
        for step in (asked.action_accept, swap.action_agree):
            record = step.__self__.with_user(self.deputy)
            with self.assertRaises(AccessError):
                getattr(record, step.__name__)()
        self._away()
        asked.with_user(self.deputy).action_accept()
        swap.with_user(self.deputy).action_agree()
        self.assertEqual((asked.state, swap.state), ("accepted", "agreed"))

    def test_completes_actions_of_the_account_plan(self):
        action = self._approved_plan().action_ids
        with self.assertRaises(AccessError):
            action.with_user(self.deputy).action_done()
        self._away()
        action.with_user(self.deputy).action_done()
        self.assertEqual(action.done_by_id, self.deputy)


@tagged("nka_day")
class TestReopenedDeals(CompetitorsCase):
    def test_a_reopened_deal_has_no_winner(self):
        self._meet(lead_id=self.lead.id)
        ask = self.env["crm.lead.lost"].with_user(self.manager)
        lost = {"lead_ids": [(6, 0, self.lead.ids)]}
        ask.create(
            {**lost, "competitor_id": self.competitor.id}
        ).action_lost_reason_apply()
        self.assertEqual(self.competitor.lost_count, 1)
        self.lead.with_user(self.manager).action_restore()
        self.assertEqual(self.lead.won_status, "pending")
        self.assertFalse(self.lead.competitor_presence_ids.is_winner)
        ask.create(lost).action_lost_reason_apply()
        self.competitor.invalidate_recordset()
        self.assertEqual(self.competitor.lost_count, 0)

    def test_one_profile_per_shared_competitor(self):
        cards = self.env["nka.competitor"].with_user(self.manager)
        for name in ("Rival Ltd", "rival ltd"):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(UniqueViolation),
                self.cr.savepoint(),
            ):
                cards.create({"name": name})
        own = cards.create({"name": "Rival Ltd", "company_id": self.env.company.id})
        self.assertTrue(own)

    def test_a_quarter_is_compared_with_the_previous_quarter(self):
        """Quarters differ in length, so shifting both dates by days would be wrong."""
        reports = self.env["nka.competitor.report"].with_user(self.supervisor)
        for period, before in (
            (("2026-07-01", "2026-09-30"), ("2026-04-01", "2026-06-30")),
            (("2026-04-01", "2026-06-30"), ("2026-01-01", "2026-03-31")),
            (("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28")),
            (("2026-03-03", "2026-03-09"), ("2026-02-24", "2026-03-02")),
        ):
            report = reports.create(dict(zip(("date_from", "date_to"), period)))
            self.assertEqual(tuple(map(str, report._period_before())), before)


@tagged("nka_day")
class TestFirstDay(CompetitorsCase):
    """Screens without data say what to do next."""

    def test_my_day_of_a_manager_without_accounts(self):
        newcomer = self._new_user("nka_newcomer", "group_key_account_manager")
        for user, expected in ((newcomer, False), (self.manager, True)):
            day = self.env["nka.day"].with_user(user)
            own = day.browse(day.action_open()["res_id"])
            self.assertEqual(own.has_accounts, expected)

    def test_supervisors_see_due_contacts_of_their_managers(self):
        """The list opens with “My accounts”, which includes supervised accounts."""
        view = self.env.ref("nka_key_accounts.nka_key_account_view_search")
        [mine] = etree.fromstring(view.arch).xpath("//filter[@name='mine']")
        self.account.with_user(self.supervisor).supervisor_id = self.supervisor
        for user in (self.manager, self.deputy, self.supervisor):
            domain = safe_eval(mine.get("domain"), {"uid": user.id})
            accounts = self.env["nka.key.account"].with_user(user).search(domain)
            self.assertIn(self.account, accounts)

    def test_whitespace_without_lines_keeps_its_columns(self):
        """Grouped by a field without expanded groups, the screen would be blank."""
        lines = self.env["nka.whitespace.line"].with_user(self.manager)
        arch = lines.get_view(view_type="kanban")["arch"]
        group = etree.fromstring(arch).get("default_group_by")
        shown = lines.with_context(read_group_expand=True)
        groups = shown.web_read_group([("id", "=", 0)], [group])["groups"]
        self.assertEqual(len(groups), 4)


@tagged("nka_day")
class TestTwoCompanies(CompetitorsCase):
    """Two companies with different currencies, read by a user of both."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        home = cls.env.company.currency_id
        names = ("base.EUR", "base.GBP")
        abroad = next(cls.env.ref(name) for name in names if cls.env.ref(name) != home)
        abroad.active = True
        abroad.rate_ids.unlink()
        cls.env["res.currency.rate"].create(
            {
                "currency_id": abroad.id,
                "name": cls.today,
                "rate": 0.5,
                "company_id": cls.env.company.id,
            }
        )
        cls.sister = cls.env["res.company"].create(
            {"name": "Sister", "currency_id": abroad.id}
        )
        for user in (cls.manager, cls.supervisor):
            user.company_ids |= cls.sister
        cls.both = (cls.env.company | cls.sister).ids
        cls.there = cls._key_account_there()

    @classmethod
    def _key_account_there(cls):
        return cls.env["nka.key.account"].create(
            {
                "partner_id": cls._new_client("Client of both").id,
                "company_id": cls.sister.id,
                "manager_id": cls.manager.id,
            }
        )

    def _lose_to_him(self, **vals):
        lead = self._new_lead(self.client, **vals)
        presence = self.env["nka.competitor.presence"].create(
            {
                "competitor_id": self.competitor.id,
                "lead_id": lead.id,
                "is_winner": True,
            }
        )
        lead.action_set_lost()
        return presence

    def test_lost_value_in_the_current_companys_currency(self):
        self._lose_to_him()
        self._lose_to_him(
            partner_id=self.there.partner_id.id, company_id=self.sister.id
        )
        card = self.competitor.with_user(self.supervisor)
        card = card.with_context(allowed_company_ids=self.both)
        self.assertEqual((card.lost_count, card.lost_value), (2, 3000))

    def test_orders_of_another_company_arent_counted(self):
        """A deal without a company can have orders of both companies."""
        self.lead.company_id = False
        for company in (self.env.company, self.sister):
            order = self.env["sale.order"].create(
                {
                    "partner_id": self.client.id,
                    "company_id": company.id,
                    "opportunity_id": self.lead.id,
                    "order_line": [],
                    "commitment_date": self.today,
                }
            )
            order.state = "sale"
        self.lead.with_user(self.manager).action_take_terms()
        orders = self.lead.commitment_ids.order_id
        self.assertEqual(orders.company_id, self.env.company)
        self.assertFalse(self.lead.with_user(self.manager).has_untaken_terms)

    def test_chart_of_my_day_in_the_current_companys_currency(self):
        month = self.today.replace(day=1)
        self.env.cr.execute("DELETE FROM nka_sales_history")
        for account in (self.account, self.there):
            self.env.cr.execute(
                """INSERT INTO nka_sales_history (key_account_id, company_id, month,
                                                  invoiced_amount)
                   VALUES (%s, %s, %s, 100)""",
                [account.id, account.company_id.id, month],
            )
        day = self.env["nka.day"].with_user(self.manager)
        day = day.with_context(allowed_company_ids=self.both)
        self.assertEqual(day._read_months()[month], 300)
