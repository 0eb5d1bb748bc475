"""Plans to introduce a second person: decided by the figures, not by people."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DependencyCase

INTRODUCE = "nka_key_accounts.mail_activity_type_introduce"


@tagged("nka_dependency")
class TestPlans(DependencyCase):
    def setUp(self):
        super().setUp()
        self.first = self.accounts[0]
        self.boss, self.buyer, _clerk = self.people[self.first]
        self._contact(self.first, self.manager, "meeting", self._ago(30))
        self._measured(self.first)
        self.env["nka.dependency"].invalidate_model()

    def _plan(self, user=None, **vals):
        plans = self.env["nka.dependency.plan"].with_user(user or self.supervisor)
        plan = plans.create(
            {
                "key_account_id": self.first.id,
                "user_id": self.colleague.id,
                "date_due": self.today + self._days(30),
                **vals,
            }
        )
        return plan.with_env(self.env)

    def _night(self):
        self.env["nka.dependency"]._cron_measure()
        self.env.invalidate_all()

    def _todo(self, plan):
        kind = self.env.ref(INTRODUCE)
        return plan.activity_ids.filtered(lambda todo: todo.activity_type_id == kind)

    def test_done_by_the_figures(self):
        plan = self._plan(target_share=40)
        self.assertEqual(self._todo(plan).user_id, self.manager)
        self.assertEqual(self._todo(plan).date_deadline, plan.date_due)
        self._night()
        self.assertEqual(plan.state, "open")
        self._contact(self.first, self.colleague, "mail", self._ago(2))
        self._night()
        self.assertEqual(plan.state, "open")
        self.assertAlmostEqual(plan.share, 16.67)
        self._contact(self.first, self.colleague, "call", self._ago(1))
        self._night()
        self.assertEqual(plan.state, "done")
        self.assertTrue(plan.date_done)
        self.assertFalse(self._todo(plan))
        self.assertEqual(self._events(plan, "state").mapped("new"), ["open", "done"])

    def test_the_stakeholder_named_has_to_be_met(self):
        plan = self._plan(
            target_share=10, stakeholder_id=self.first.stakeholder_ids[0].id
        )
        self._contact(self.first, self.colleague, "meeting", self._ago(40), self.boss)
        self._contact(self.first, self.colleague, "mail", self._ago(0), self.buyer)
        self._night()
        self.assertEqual(plan.state, "open")
        self._contact(self.first, self.colleague, "mail", self._ago(0), self.boss)
        self._night()
        self.assertEqual(plan.state, "done")

    def test_closing_the_activity_closes_nothing(self):
        plan = self._plan()
        self._todo(plan).with_user(self.manager).action_feedback(feedback="Done!")
        self.assertEqual(plan.state, "open")
        self._night()
        self.assertEqual(plan.state, "open")
        self.assertEqual(len(self._todo(plan)), 1)

    def test_overdue(self):
        plan = self._plan(date_due=self.today - self._days(1))
        self.assertTrue(plan.is_overdue)
        plans = plan.search([("is_overdue", "=", True)])
        self.assertIn(plan, plans)

    def test_reminders_go_with_the_client(self):
        plan = self._plan()
        self.first._unlocked().write({"manager_id": self.deputy.id})
        self._night()
        self.assertEqual(self._todo(plan).user_id, self.deputy)

    def test_plans_without_a_purpose_end(self):
        ended, left = self._plan(), self._plan(user_id=self.deputy.id)
        other = self._plan(key_account_id=self.accounts[1].id)
        self.deputy.sudo().action_archive()
        self.accounts[1]._unlocked().write({"state": "former"})
        self._night()
        self.assertEqual(ended.state, "open")
        self.assertEqual(left.reason, "The colleague has left.")
        self.assertEqual(other.reason, "The client is no longer a key account.")
        self.assertEqual((left | other).mapped("state"), ["dropped"] * 2)

    # ------------------------------------------------------------ who
    def test_manager_plans_for_their_clients_only(self):
        self.assertTrue(self._plan(self.manager))
        with self.refused(AccessError):
            self._plan(self.colleague)
        for user in (self.officer, self.kam_admin, self.salesman, self.employee_user):
            with self.refused(AccessError):
                self._plan(user)

    def test_hostile_manager(self):
        plan = self._plan().with_user(self.manager)
        for vals in (
            {"state": "done"},
            {"date_done": self.today},
            {"share_start": 50},
            {"date_start": "2020-01-01"},
        ):
            with self.refused(AccessError):
                plan.write(vals)
        for vals in (
            {"target_share": 1},
            {"date_due": self.today + self._days(900)},
            {"user_id": self.deputy.id},
        ):
            with self.refused(AccessError, "only a supervisor"):
                plan.write(vals)
        for call in (
            plan.unlink,
            plan.action_drop,
            lambda: plan.action_drop("Why not"),
        ):
            with self.refused(AccessError):
                call()
        with self.refused(AccessError):
            self._plan(self.manager, user_id=self.deputy.id, state="done")
        with self.refused(AccessError):
            plan.with_context(default_state="done").create(
                {
                    "key_account_id": self.first.id,
                    "user_id": self.deputy.id,
                    "date_due": self.today,
                }
            )
        with self.refused(UserError, "can't be moved"):
            plan.write({"key_account_id": self.accounts[1].id})
        self.assertEqual(plan.state, "open")

    def test_the_colleague_reads_their_plan(self):
        plan = self._plan()
        self.assertTrue(plan.with_user(self.colleague).read(["date_due"]))
        with self.refused(AccessError):
            plan.with_user(self.colleague).write({"note": "Later"})
        with self.refused(AccessError):
            self._plan(user_id=self.supervisor.id).with_user(self.colleague).read(
                ["date_due"]
            )

    # ------------------------------------------------------------ decisions
    def test_supervisor_drops_with_a_reason(self):
        plan = self._plan().with_user(self.supervisor)
        self.assertEqual(plan.action_drop()["res_model"], "nka.reason.wizard")
        plan.action_drop("The client is closing that plant")
        self.assertEqual(plan.state, "dropped")
        self.assertFalse(self._todo(plan))
        self.assertEqual(
            self._events(plan, "state")[-1].note, "The client is closing that plant"
        )
        with self.refused(UserError, "only in status"):
            plan.action_drop("Again")
        with self.refused(UserError, "only in status"):
            plan.write({"target_share": 1})
        with self.refused(UserError, "stay on record"):
            plan.sudo().unlink()

    def test_changed_terms_are_on_record(self):
        plan = self._plan().with_user(self.supervisor)
        plan.write({"date_due": self.today + self._days(60)})
        [event] = self._events(plan, "dependency_plan")
        self.assertNotEqual(event.old, event.new)
        self.assertEqual(self._todo(plan).date_deadline, plan.date_due)

    def test_refusals(self):
        share = {"target_share": 50, "user_id": self.manager.id}
        with self.refused(ValidationError, "Aim higher"):
            self._plan(**share)
        portal = self._new_user("nka_portal_user", "group_key_account_manager")
        portal.active = False
        with self.refused(ValidationError, "choose a colleague"):
            self._plan(user_id=portal.id)
        other = self.accounts[1].stakeholder_ids[0]
        with self.refused(ValidationError, "another client"):
            self._plan(stakeholder_id=other.id)
        for target in (0, 101):
            with self.refused(Exception, "target"), mute_logger("odoo.sql_db"):
                self._plan(target_share=target)
                self.env.flush_all()
        self._plan()
        with self.refused(Exception, "nka_dependency_plan"), mute_logger("odoo.sql_db"):
            self._plan()
            self.env.flush_all()
        self.accounts[1]._unlocked().write({"state": "former"})
        with self.refused(ValidationError, "key account any more"):
            self._plan(key_account_id=self.accounts[1].id)

    def test_any_number_of_plans_costs_the_same(self):
        plans = self.env["nka.dependency.plan"]
        accounts = self._clean_accounts(12)

        def add(some):
            plans.create(
                [
                    {
                        "key_account_id": account.id,
                        "user_id": self.colleague.id,
                        "date_due": self.today,
                    }
                    for account in some
                ]
            )

        add(accounts[:2])
        few = self._queries(plans._follow)
        add(accounts[2:])
        many = self._queries(plans._follow)
        self.assertEqual(few, many)
