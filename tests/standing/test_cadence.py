from odoo.addons.nka_key_accounts.models.standing.nka_key_account import (
    CONTACT_ACTIVITY,
)
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from ..people.common import PeopleCase


@tagged("nka_market")
class TestContactsDue(PeopleCase):
    """Clients to be contacted today, with the reason."""

    def _reason(self, account=None):
        account = (account or self.account).with_user(self.manager)
        account.invalidate_recordset()
        return account.contact_reason

    def _on_list(self):
        action = self.env.ref("nka_key_accounts.nka_key_account_action_contact")
        accounts = self.env["nka.key.account"].with_user(self.manager)
        return accounts.search(safe_eval(action.domain, {"uid": self.manager.id}))

    def test_never_overdue_planned_and_none(self):
        self.assertEqual(self._reason(), "never")
        self.assertIn(self.account, self._on_list())
        self._new_meeting(self.director, -20)
        self.assertEqual(self._reason(), "overdue")
        self.assertIn(
            "20 days ago; agreed cadence: every 14", self.account.contact_reason_text
        )
        meeting = self._new_meeting(self.director, 5)
        self.assertFalse(self._reason())
        self.assertNotIn(self.account, self._on_list())
        meeting.unlink()
        self._new_meeting(self.director, -2)
        self.assertFalse(self._reason())
        self.account.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.manager.id
        )
        self.assertEqual(self._reason(), "planned")
        self.assertEqual(self.account.contact_reason_text, "Planned for today.")

    def test_former_accounts_are_never_due(self):
        self.account.with_user(self.supervisor).action_retire(reason="Closed down")
        self.assertFalse(self._reason())

    def test_list_costs_constant_queries(self):
        accounts = self._more_accounts(40)
        names = ["partner_id", "contact_reason", "contact_reason_text"]
        few = self._queries(lambda: accounts[:2].web_read({n: {} for n in names}))
        many = self._queries(lambda: accounts.web_read({n: {} for n in names}))
        self.assertEqual(few, many)

    def test_logged_contact_counts_and_plans_the_next_one(self):
        person = self._map(self.director)
        action = self.account.with_user(self.manager).action_log_contact()
        model = self.env["nka.contact.log"].with_user(self.manager)
        with Form(model.with_context(**action["context"])) as form:
            self.assertEqual(form.next_date, self.today + self._days(14))
            form.stakeholder_id = person
            form.note = "Wants a second line"
            form.next_step = "Send the drawing"
        form.record.action_apply()
        self.account.invalidate_recordset()
        self.assertEqual(self.account.last_contact_date, self.today)
        self.assertEqual(self.account.next_contact_date, self.today + self._days(14))
        self.assertEqual(person.last_contact_date, self.today)
        self.assertIn("Wants a second line", self.account.message_ids[0].body)
        planned = self.account.activity_search([CONTACT_ACTIVITY], only_automated=False)
        self.assertEqual(planned.summary, "Send the drawing")

    def test_deputy_can_log_and_colleagues_cannot(self):
        log = {"key_account_id": self.account.id, "kind": "call"}
        model = self.env["nka.contact.log"]
        model.with_user(self.deputy).create(log).action_apply()
        self.account.invalidate_recordset()
        self.assertEqual(self.account.last_contact_date, self.today)
        with self.assertRaises(AccessError):
            model.with_user(self.colleague).create(log).action_apply()
        with self.assertRaises(AccessError):
            model.with_user(self.officer).create(log)

    # ------------------------------------------------------------ what a contact answers
    def _plan(self, record=None, user=None, days=-6, kind="call", **vals):
        """Return an activity that its user planned themselves."""
        record = (record or self.account).with_user(user or self.manager)
        return record.activity_schedule(
            f"mail.mail_activity_data_{kind}",
            self.today + self._days(days),
            user_id=(user or self.manager).id,
            automated=False,
            **vals,
        )

    def _log(self, user=None, **vals):
        model = self.env["nka.contact.log"].with_user(user or self.manager)
        log = model.create({"key_account_id": self.account.id, **vals})
        log.action_apply()
        return log

    def test_a_logged_contact_takes_the_client_off_the_list(self):
        """A call planned for six days ago stayed open, and the client on the list."""
        lead = self._new_lead(self.client)
        places = (self.account, lead, self.director)
        for place in places:
            for kind in ("call", "meeting", "email"):
                with self.subTest(place._name, kind=kind):
                    self._plan(place, kind=kind)
                    self.assertIn(self.account, self._on_list())
                    self._log()
                    self.assertFalse(self._reason())
                    self.assertNotIn(self.account, self._on_list())
                    left = place.activity_ids.activity_type_id
                    self.assertLessEqual(left, self.env.ref(CONTACT_ACTIVITY))

    def test_what_a_contact_does_not_answer_moves_to_the_next_date(self):
        call = self._plan(summary="Ask about the invoice")
        later = self.today + self._days(9)
        self._log(answered_ids=False, next_date=later)
        self.assertTrue(call.active)
        self.assertEqual(call.date_deadline, later)
        self.assertFalse(self._reason())

    def test_the_dialog_names_what_it_completes(self):
        call = self._plan(summary="Ask about the invoice")
        self._plan(summary="Next week", days=7)
        todo = self._plan(summary="Write the offer", kind="todo")
        action = self.account.with_user(self.manager).action_log_contact()
        model = self.env["nka.contact.log"].with_user(self.manager)
        with Form(model.with_context(**action["context"])) as form:
            self.assertEqual(form.answered_ids.ids, call.ids)
        form.record.action_apply()
        self.assertTrue(todo.active)

    def test_later_plans_stay_without_a_next_date(self):
        self._log(next_date=self.today + self._days(3), next_step="Send the drawing")
        self._log(next_date=False)
        planned = self.account.activity_search([CONTACT_ACTIVITY], only_automated=False)
        self.assertEqual(planned.summary, "Send the drawing")

    def test_the_deputy_completes_what_the_manager_planned(self):
        self.account.with_user(self.supervisor).deputy_id = self.deputy
        call = self._plan()
        self.env["nka.key.account"]._cron_plan_contacts()
        self._log(self.deputy)
        self.assertFalse(call.exists().filtered("active"))
        self.assertFalse(self._reason())

    def test_a_supervisors_own_plan_stays_theirs(self):
        call = self._plan(user=self.supervisor)
        self._log()
        self.assertTrue(call.active)
        self.assertEqual(call.date_deadline, self.today - self._days(6))

    def test_plans_with_other_clients_cannot_be_completed(self):
        other = self._key_account(self.other_client, self.colleague)
        call = self._plan(other, user=self.colleague)
        with self.assertRaises(AccessError):
            self._log(answered_ids=call.ids)
        own = self._plan(days=5)  # Not due, so it isn't answered.
        self._log(answered_ids=own.ids)
        self.assertTrue(own.active)


@tagged("nka_market")
class TestContactJob(PeopleCase):
    """The job creates one activity for the next contact."""

    def _activities(self, accounts=None):
        return (accounts or self.account).activity_search([CONTACT_ACTIVITY])

    def _run(self):
        self.env["nka.key.account"]._cron_plan_contacts()

    def test_due_contact_becomes_one_activity(self):
        self._new_meeting(self.director, -20)
        self._run()
        self._run()
        activity = self._activities()
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.manager)
        self.assertEqual(activity.date_deadline, self.today)

    def test_planned_or_recent_contact_creates_none(self):
        self._new_meeting(self.director, -1)
        self._run()
        self.assertFalse(self._activities())
        self._new_meeting(self.other_client, -40)
        account = self._key_account(self.other_client)
        self._new_meeting(self.other_client, 4)
        self._run()
        self.assertFalse(self._activities(account))

    def test_activity_is_removed_after_a_recorded_contact(self):
        self._new_meeting(self.director, -20)
        self._run()
        self._new_meeting(self.director, 0)
        self._run()
        self.assertFalse(self._activities())

    def test_an_activity_planned_by_a_user_is_kept(self):
        model = self.env["nka.contact.log"].with_user(self.manager)
        model.create(
            {"key_account_id": self.account.id, "next_date": self.today + self._days(1)}
        ).action_apply()
        self._run()
        planned = self.account.activity_search([CONTACT_ACTIVITY], only_automated=False)
        self.assertEqual(planned.date_deadline, self.today + self._days(1))

    def test_job_costs_constant_queries(self):
        self._more_accounts(3)
        self.env.cr.execute(
            "UPDATE nka_key_account SET create_date = create_date - interval '90 days'"
        )
        few = self._queries(self._run)
        self._more_accounts(60)
        self.env.cr.execute(
            "UPDATE nka_key_account SET create_date = create_date - interval '90 days'"
        )
        many = self._queries(self._run)
        self.assertLessEqual(many, few + 3)
