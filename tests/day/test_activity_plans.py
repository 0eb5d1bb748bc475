"""Activities launched when an account begins, is handed over, or a manager leaves."""

from datetime import timedelta

from odoo.exceptions import ValidationError

from ..common import NkaCase


class TestActivityPlans(NkaCase):
    def _activities(self, record):
        return self.env["mail.activity"].search(
            [
                ("res_model", "=", record._name),
                ("res_id", "=", record.id),
                ("automated", "=", True),
                ("summary", "!=", False),
            ]
        )

    def _hand_over(self, account, **vals):
        handover = (
            self.env["nka.handover"]
            .with_user(self.supervisor_2)
            .create(
                {
                    "from_user_id": self.manager.id,
                    "to_user_id": self.colleague.id,
                    "reason": "New region",
                    "key_account_ids": [(6, 0, account.ids)],
                    **vals,
                }
            )
        )
        handover.action_submit()
        handover.with_user(self.supervisor).action_approve()
        return handover

    def _by_summary(self, record):
        return {todo.summary: todo for todo in self._activities(record)}

    def test_new_account(self):
        account = self._key_account(self.client)
        todos = self._by_summary(account)
        plan = todos["Submit the account plan"]
        self.assertEqual(plan.user_id, self.manager)
        self.assertEqual(plan.date_deadline, self.today + timedelta(days=30))
        review = todos["Review the first weeks with the manager"]
        self.assertEqual(review.user_id, account.supervisor_id)

    def test_no_contact_is_planned_by_them(self):
        """To-dos of a plan don't hide that a client must be contacted."""
        account = self._key_account(self.client)
        self.assertTrue(self._activities(account))
        self.assertEqual(account.contact_reason, "never")

    def test_handover(self):
        account = self._key_account(self.client)
        day = self.today + timedelta(days=10)
        handover = self._hand_over(account, date=day)
        todos = self._by_summary(handover)
        introduce = todos["Introduce the incoming manager to the clients"]
        self.assertEqual(introduce.user_id, self.manager)
        self.assertEqual(introduce.date_deadline, day - timedelta(days=3))
        contact = todos["Contact each client that was handed over"]
        self.assertEqual(contact.user_id, self.colleague)
        check = todos["Check that the clients know their new manager"]
        self.assertEqual(check.user_id, self.supervisor)

    def test_nothing_is_due_in_the_past(self):
        account = self._key_account(self.client)
        handover = self._hand_over(account, date=self.today)
        for todo in self._activities(handover):
            self.assertGreaterEqual(todo.date_deadline, self.today)

    def test_leaving(self):
        self._key_account(self.client)
        handover = self._hand_over(
            self.env["nka.key.account"],
            is_leaving=True,
            date=self.today + timedelta(days=10),
        )
        self.assertIn("Tell the clients who takes over", self._by_summary(handover))
        self.assertNotIn(
            "Introduce the incoming manager to the clients", self._by_summary(handover)
        )

    def test_archived_plan_launches_nothing(self):
        self.env.ref("nka_key_accounts.mail_activity_plan_new_account").active = False
        account = self._key_account(self.client)
        self.assertNotIn("Submit the account plan", self._by_summary(account))

    def test_plan_of_another_company_launches_nothing(self):
        plan = self.env.ref("nka_key_accounts.mail_activity_plan_new_account")
        plan.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        account = self._key_account(self.client)
        self.assertNotIn("Submit the account plan", self._by_summary(account))

    def test_by_button(self):
        """Odoo's own dialog launches the plan for the same people."""
        account = self._key_account(self.client)
        self._activities(account).unlink()
        plan = self.env.ref("nka_key_accounts.mail_activity_plan_new_account")
        wizard = (
            self.env["mail.activity.schedule"]
            .with_user(self.supervisor)
            .with_context(active_model=account._name, active_ids=account.ids)
            .create({"plan_id": plan.id})
        )
        wizard.action_schedule_plan()
        todos = self.env["mail.activity"].search(
            [("res_model", "=", account._name), ("res_id", "=", account.id)]
        )
        self.assertIn(self.manager, todos.user_id)
        self.assertIn(account.supervisor_id, todos.user_id)

    def test_event_of_another_model(self):
        plan = self.env.ref("nka_key_accounts.mail_activity_plan_handover")
        with self.refused(ValidationError, "Applies to"):
            plan.nka_event = "new"

    def test_person_of_another_model(self):
        plan = self.env.ref("nka_key_accounts.mail_activity_plan_handover")
        with self.refused(ValidationError, "responsible"):
            plan.template_ids[0].responsible_type = "nka_deputy"
