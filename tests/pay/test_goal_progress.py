"""Goals are measured during a season and frozen at its end."""

from datetime import date, datetime
from decimal import Decimal

from freezegun import freeze_time

from odoo.addons.nka_key_accounts import paycalc
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SeasonCase


@tagged("nka_pay")
class TestGoalProgress(SeasonCase):
    """Live figures during the season, frozen with evidence at its end."""

    def test_live_progress(self):
        goal = self._accepted_goal()
        for day in range(1, 19):
            self._negotiation(self.manager, datetime(2026, 11, day, 9))
        with freeze_time("2026-11-23"):
            goal._refresh()
        self.assertEqual((goal.actual, goal.progress, goal.score), (18, 45, 0))
        self._negotiation(self.manager, datetime(2026, 11, 19, 9))
        self._negotiation(self.manager, datetime(2026, 11, 20, 9))
        with freeze_time("2026-11-23"):
            goal.with_user(self.manager).action_open_mine()
        self.assertEqual((goal.actual, goal.score), (20, 0.5))

    def test_example_of_the_pay_page(self):
        goals = self.env["nka.season.goal"]
        actuals = {}
        for code, target, zero, actual in (
            ("vip_leads", 10, 0, 12),
            ("average_check", 500000, 0, 400000),
            ("overdue_share", 5, 15, 8),
            ("negotiations", 40, 0, 18),
        ):
            goal = self._accepted_goal(code, target, zero_value=zero)
            actuals[goal] = actual
            goals |= goal
        for goal, actual in actuals.items():
            goal._unlocked().write({"actual": actual, "is_measured": True})
        scores = [goal._outcome() for goal in goals]
        pool = paycalc.season_pool(
            [paycalc.SoftMonth(Decimal(20000), paycalc.MonthDays(21, 21))] * 3
        )
        self.assertEqual(paycalc.soft_pay(pool, scores).amount, Decimal("42900.00"))

    def test_counts_are_prorated_by_days_employed(self):
        self.employee.sudo().version_id.write(
            {"contract_date_start": date(2026, 11, 16)}
        )
        goal = self._accepted_goal()
        for day in range(16, 20):
            self._negotiation(self.manager, datetime(2026, 11, day, 9))
        with freeze_time("2027-01-05"):
            goal._refresh()
        # 34 of 66 workdays: a target of 40 becomes 20.6
        self.assertAlmostEqual(goal.proportion, 34 / 66)
        self.assertAlmostEqual(goal.attainment, 4 / (40 * 34 / 66), places=5)

    def test_future_seasons_are_not_measured(self):
        goal = self._accepted_goal("overdue_share", 5, zero_value=15)
        with freeze_time("2026-09-30"):
            goal._refresh()
        self.assertFalse(goal.measured_date)

    def test_frozen_with_evidence(self):
        goal = self._accepted_goal()
        talks = [
            self._negotiation(self.manager, datetime(2026, 11, d, 9)) for d in (1, 2)
        ]
        ids = [talk.id for talk in talks]
        with freeze_time("2027-01-02"):
            self.season.with_user(self.supervisor).action_freeze()
        self.assertEqual((goal.state, goal.actual), ("frozen", 2))
        self.assertEqual(sorted(goal.evidence["ids"]), ids)
        self.assertEqual(goal.evidence["model"], "calendar.event")
        self.assertEqual(goal.evidence_text, "Records counted: 2")
        self.assertEqual(self.season.state, "frozen")
        talks[0].unlink()
        with freeze_time("2027-01-03"):
            goal._refresh()
        self.assertEqual(goal.actual, 2)
        for column, value in (("actual", 99), ("target", 1), ("state", "draft")):
            self.refused_by_database(
                f"UPDATE nka_season_goal SET {column} = %s WHERE id = %s",
                value,
                goal.id,
            )
        self.refused_by_database("DELETE FROM nka_season_goal WHERE id = %s", goal.id)
        with self.refused(UserError):
            goal.with_user(self.supervisor).action_score_zero(reason="x")

    def test_unmeasurable_goals_wait_for_a_decision(self):
        self._accepted_goal()
        goal = self._accepted_goal("average_check", 500000)
        with freeze_time("2027-01-02"):
            self.season.with_user(self.supervisor).action_freeze()
            self.assertTrue(goal.is_exception)
            self.assertEqual(goal.state, "accepted")
            self.assertNotEqual(self.season.state, "frozen")
            self.assertEqual(goal.activity_ids.user_id, self.supervisor)
            goal = goal.with_user(self.supervisor)
            question = goal.action_leave_out()
            self.assertEqual(question["res_model"], "nka.reason.wizard")
            goal.action_leave_out(reason="No invoice: the client pays in January")
        self.assertEqual((goal.state, goal.decision), ("frozen", "left_out"))
        self.assertFalse(goal.sudo().activity_ids)
        self.assertEqual(self.season.state, "frozen")
        self.assertFalse(goal._outcome().counts)

    def test_unaccepted_goals_wait_for_a_decision(self):
        goal = self._goal()
        goal.action_propose(reason="x")
        with freeze_time("2027-01-02"):
            self.season._freeze()
            self.assertTrue(goal.is_exception)
            with self.refused(AccessError, "never accepted"):
                goal.with_user(self.supervisor).action_score_zero(reason="x")
            goal = goal.with_user(self.supervisor_2)
            goal.action_score_zero(reason="Never answered")
        self.assertEqual((goal.state, goal.decision), ("frozen", "scored_zero"))

    def test_job_freezes_after_the_grace_period(self):
        goal = self._accepted_goal()
        with freeze_time("2027-01-05"):
            self.env["nka.season"]._cron_seasons()
            self.assertEqual(goal.state, "accepted")
        with freeze_time("2027-01-06"):
            self.env["nka.season"]._cron_seasons()
        self.assertEqual(goal.state, "frozen")

    def test_query_count_is_constant(self):
        counts = []
        for size in (2, 12):
            goals = self.env["nka.season.goal"]
            for n in range(size):
                user = self._new_user(f"nka_{size}_{n}", "group_key_account_manager")
                employee = self._new_employee(user)
                goals |= self._goal_for(employee)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            with freeze_time("2026-11-23"):
                goals._refresh()
                self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def _goal_for(self, employee):
        self._accepted(employee)
        return self._goal(employee_id=employee.id).with_user(self.env.user)
