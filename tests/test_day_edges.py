"""What changes behind the day's back: people who leave, deals taken up again, no history."""

from odoo.exceptions import AccessError, RedirectWarning, ValidationError
from odoo.tests import Form, tagged

from .common_market import MarketCase
from .common_plans import PlansCase
from .common_qualification import qualify
from .common_reports import new_leave

AWAY_NOW = """
    UPDATE hr_leave SET date_from = now() AT TIME ZONE 'UTC' - interval '1 hour',
           date_to = now() AT TIME ZONE 'UTC' + interval '1 day' WHERE id = %s
"""


@tagged("nka_day")
class TestVerdicts(MarketCase):
    """A qualification speaks until another one does."""

    def test_a_later_refusal_ends_the_earlier_verdict(self):
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

    def test_without_invoices_no_discipline_is_shown(self):
        """Zero days and zero percent would read like the best of payers."""
        candidate = self._nominate(self.other_client)
        drafts = self.env["nka.qualification"].with_user(self.manager)
        draft = drafts.create({"key_account_id": candidate.id})
        form = Form(draft)
        for name in ("dso_days", "late_share", "paid_count", "worst_delay_days"):
            self.assertTrue(form._get_modifier(name, "invisible"), name)
        self._new_invoice(self.other_client, 100)
        draft.action_refresh_facts()
        self.assertFalse(Form(draft)._get_modifier("dso_days", "invisible"))

    def test_an_invoice_taken_back_was_not_paid_late(self):
        invoice = self._new_invoice(self.client, 1000, self.today - self._days(90))
        invoice._reverse_moves(
            [{"invoice_date": self.today, "date": self.today}], cancel=True
        )
        self.assertEqual(invoice.payment_state, "reversed")
        drafts = self.env["nka.qualification"].with_user(self.manager)
        draft = drafts.create({"key_account_id": self.account.id})
        self.assertEqual((draft.paid_count, draft.worst_delay_days), (0, 0))


@tagged("nka_day")
class TestPeopleWhoLeave(MarketCase):
    def test_who_left_the_client_decides_nothing(self):
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

    def test_who_left_us_is_known_no_more(self):
        former = self._new_user("nka_former", "group_key_account_manager")
        ours = [(6, 0, (self.manager | former).ids)]
        self._map(self.director, role="decision_maker", covered_by_ids=ours)
        self._map(self.engineer)
        self.assertFalse(self.account.has_people_gap)
        former.active = False
        self.env.invalidate_all()
        self.assertTrue(self.account.has_people_gap)
        self.assertIn("two of our people", self.account.people_warnings)

    def test_contacts_come_back_from_the_deputy(self):
        """A time off that is refused later leaves nothing on the deputy's list."""
        employee = self.env["hr.employee"].create(
            {"name": "Manager", "user_id": self.manager.id}
        )
        jobs = self.env["nka.key.account"]
        self.account.with_user(self.supervisor).cadence_days = 1
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
        # What the manager gave to somebody else stays there.
        activity.user_id = self.colleague
        jobs._cron_plan_contacts()
        self.assertEqual(activity.user_id, self.colleague)

    def test_mentees_who_follow_each_other(self):
        """Two at once is the limit; one after the other is no third."""
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
    """Who stands in has the manager's rights on the offer and the plan, too."""

    def _away(self):
        employee = self.env["hr.employee"].create(
            {"name": "Manager", "user_id": self.manager.id}
        )
        leave = new_leave(self, employee, self.today, self.today)
        self.cr.execute(AWAY_NOW, [leave.id])
        self.env.invalidate_all()

    def test_runs_the_offer(self):
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

    def test_closes_the_actions_of_the_plan(self):
        action = self._approved_plan().action_ids
        with self.assertRaises(AccessError):
            action.with_user(self.deputy).action_done()
        self._away()
        action.with_user(self.deputy).action_done()
        self.assertEqual(action.done_by_id, self.deputy)
