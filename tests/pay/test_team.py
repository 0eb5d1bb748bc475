"""Pay of an employee is read by their own supervisor and by no other supervisor."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SeasonCase


@tagged("nka_pay")
class TestTeam(SeasonCase):
    """``supervisor`` has the manager's account; the colleague reports to
    ``supervisor_2``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._key_account(cls.client)
        cls.boss = cls.env["hr.employee"].create(
            {"name": "Boss", "user_id": cls.supervisor_2.id}
        )
        cls.other_employee.parent_id = cls.boss
        cls.goal, cls.other_goal = (
            cls._goal_of(employee, supervisor)
            for employee, supervisor in (
                (cls.employee, cls.supervisor),
                (cls.other_employee, cls.supervisor_2),
            )
        )
        cls.env.flush_all()

    @classmethod
    def _goal_of(cls, employee, supervisor, **vals):
        return (
            cls.env["nka.season.goal"]
            .with_user(supervisor)
            .create(
                {
                    "season_id": cls.season.id,
                    "employee_id": employee.id,
                    "kpi_id": cls._kpi("vip_leads").id,
                    "target": 10,
                    **vals,
                }
            )
            .with_user(cls.env.user)
        )

    def _assert_reads(self, user, records, others):
        self.env.invalidate_all()
        model = records.with_user(user)
        ids = (records | others).ids
        self.assertEqual(model.search([("id", "in", ids)]), records)
        self.assertEqual(model.search_count([("id", "in", ids)]), len(records))
        self.assertTrue(model.read([model._rec_name or "display_name"]))
        for other in others.with_user(user):
            with self.assertRaises(AccessError):
                other.read([model._rec_name or "display_name"])

    def test_agreements_and_goals(self):
        for user, agreement, goal, hidden, hidden_goal in (
            (
                self.supervisor,
                self.agreement,
                self.goal,
                self.other_agreement,
                self.other_goal,
            ),
            (
                self.supervisor_2,
                self.other_agreement,
                self.other_goal,
                self.agreement,
                self.goal,
            ),
        ):
            self._assert_reads(user, agreement, hidden)
            self._assert_reads(user, goal, hidden_goal)
        both = self.agreement | self.other_agreement
        self.assertEqual(
            both.with_user(self.officer).search([("id", "in", both.ids)]), both
        )

    def test_audit_events_about_them(self):
        self.goal.with_user(self.supervisor).action_propose("Late")
        for record in (self.goal, self.agreement):
            events = self._events(record)
            self.assertTrue(events)
            own = events.with_user(self.supervisor)
            self.assertEqual(own.search([("id", "in", own.ids)]), own)
            self.env.invalidate_all()
            others = events.with_user(self.supervisor_2)
            self.assertFalse(others.search([("id", "in", others.ids)]))
            with self.assertRaises(AccessError):
                others.read(["new", "res_name"])

    def test_deleting_a_draft_keeps_its_events(self):
        """Events of deleted records are readable for the role: deleting hides nothing."""
        goal = self.goal.with_user(self.supervisor)
        goal.action_propose("Late")
        self.goal.with_user(self.manager).action_object("Too high")
        events = self._events(self.goal)
        goal.unlink()
        self.env.flush_all()
        self.env.invalidate_all()
        for user in (self.supervisor, self.supervisor_2):
            found = events.with_user(user).search([("id", "in", events.ids)])
            self.assertEqual(found, events)
            self.assertTrue(found.read(["new"]))

    def test_goals_of_another_team_are_refused(self):
        with self.refused(AccessError, "can set their goals"):
            self._goal_of(
                self.other_employee,
                self.supervisor,
                kpi_id=self._kpi("negotiations").id,
            )
        with self.refused(AccessError, "can set their goals"):
            self.goal.with_user(self.supervisor).employee_id = self.other_employee
        season = self.season.with_user(self.supervisor)
        season.action_propose_goals()
        made = self.env["nka.season.goal"].search([("season_id", "=", season.id)])
        self.assertEqual(
            made.filtered(lambda goal: goal.employee_id == self.other_employee),
            self.other_goal,
        )

    def test_employees_without_a_supervisor(self):
        """Every supervisor can act for them, as otherwise no one could set their goals."""
        self.other_employee.parent_id = False
        for user in (self.supervisor, self.supervisor_2):
            self._assert_reads(
                user, self.other_agreement, self.env["nka.pay.agreement"]
            )
        # A superior without the supervisor role doesn't count.
        self.boss.user_id = self.employee_user
        self.other_employee.parent_id = self.boss
        self._assert_reads(
            self.supervisor, self.other_agreement, self.env["nka.pay.agreement"]
        )

    def test_archived_supervisor(self):
        self.supervisor.active = False
        self._assert_reads(
            self.supervisor_2,
            self.agreement | self.other_agreement,
            self.env["nka.pay.agreement"],
        )

    def test_own_pay_of_a_supervisor(self):
        """Managers who also supervise others read their own records like everyone else."""
        self.manager.group_ids += self.env.ref(
            "nka_key_accounts.group_key_account_supervisor"
        )
        self._assert_reads(self.manager, self.agreement, self.other_agreement)

    def test_what_ifs_belong_to_their_user(self):
        """They contain an employee's terms, and Odoo doesn't restrict transient records
        here.
        """
        action = self.agreement.with_user(self.manager).action_what_if()
        asked = self.env[action["res_model"]].browse(action["res_id"])
        self.env.flush_all()
        for user in (self.colleague, self.supervisor_2, self.kam_admin, self.officer):
            self.env.invalidate_all()
            mine = asked.with_user(user)
            self.assertFalse(mine.search([("id", "in", mine.ids)]), user.login)
            with self.assertRaises(AccessError):
                mine.read(["target_earnings"])
            with self.assertRaises(AccessError):
                asked.line_ids.with_user(user).read(["id"])
        self.assertTrue(asked.with_user(self.manager).read(["target_earnings"]))
