"""Excluding goals from a season, scoring them zero, and changing them: who can, and
when.
"""

from datetime import date, datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SeasonCase

DURING, AFTER = "2026-11-20", "2027-01-02"


@tagged("nka_pay")
class TestDecisions(SeasonCase):
    """The measured result of an agreed goal counts if it can be measured."""

    def _unmeasured(self):
        """Create an agreed goal without measurable data, beside one with data."""
        self._accepted_goal()
        return self._accepted_goal("average_check", 500000)

    def test_not_while_the_season_runs(self):
        goal = self._unmeasured()
        for day in (DURING, "2026-12-31"):
            with freeze_time(day):
                for action in (goal.action_leave_out, goal.action_score_zero):
                    with self.refused(UserError, "change it with a reason"):
                        action(reason="He is about to reach it")
        self.assertEqual((goal.decision, goal.state), ("measured", "accepted"))
        self.assertFalse(self._events(goal, "decision"))

    def test_agreed_and_measured_goals_count_as_measured(self):
        goal = self._accepted_goal() | self._accepted_goal("vip_leads", 10)
        with freeze_time(AFTER):
            for action in (goal.action_leave_out, goal.action_score_zero):
                with self.refused(UserError, "measured result counts"):
                    action(reason="He missed it")
                with self.refused(UserError, "measured result counts"):
                    action()

    def test_unmeasurable_goal_is_decided_with_a_reason(self):
        goal = self._unmeasured()
        with freeze_time(AFTER):
            question = goal.action_score_zero()
            self.assertEqual(question["res_model"], "nka.reason.wizard")
            goal.action_score_zero(reason="He sold nothing")
        self.assertEqual((goal.state, goal.decision), ("frozen", "scored_zero"))
        self.assertEqual(self._events(goal, "decision").note, "He sold nothing")

    def test_one_goal_must_remain(self):
        goal = self._accepted_goal("average_check", 500000)
        with freeze_time(AFTER):
            with self.refused(UserError, "Score one of the goals 0"):
                goal.action_leave_out(reason="x")
            goal.action_score_zero(reason="He sold nothing")
        self.assertEqual(goal.state, "frozen")

    def test_unaccepted_goal_needs_two_people(self):
        self._accepted_goal()
        proposed = self._goal("vip_leads", 1000)
        proposed.action_propose(reason="x")
        edited = self._goal("average_check", 10).with_user(self.supervisor_2)
        edited.target = 9000000
        with freeze_time(AFTER):
            for goal in (proposed, edited):
                for user in goal.sudo()._makers() & (
                    self.supervisor | self.supervisor_2
                ):
                    own = goal.with_user(user)
                    for action in (own.action_score_zero, own.action_leave_out):
                        with self.refused(AccessError, "never accepted"):
                            action(reason="x")
            self.assertEqual(
                edited.sudo()._makers(), self.supervisor | self.supervisor_2
            )
            proposed.with_user(self.supervisor_2).action_score_zero(reason="Silent")
        self.assertEqual(proposed.decision, "scored_zero")

    def test_manager_can_still_accept_late(self):
        goal = self._goal()
        goal.action_propose(reason="x")
        with freeze_time(AFTER):
            goal.with_user(self.manager).action_accept()
            self.season.with_user(self.supervisor).action_freeze()
        self.assertEqual((goal.state, goal.decision), ("frozen", "measured"))

    def test_decision_names_who_can_decide(self):
        goal = self._goal()
        goal.action_propose(reason="x")
        with freeze_time(AFTER):
            self.season._freeze()
        asked = goal.sudo().activity_ids.user_id - self.manager
        self.assertEqual(len(asked), 1)
        self.assertTrue(
            asked.has_group("nka_key_accounts.group_key_account_supervisor")
        )
        self.assertNotIn(asked, goal.sudo()._makers())


@tagged("nka_pay")
class TestChanges(SeasonCase):
    """A change counts once the manager accepts it; until then the agreed values count."""

    def _changed(self, target=4000, reason="More is possible"):
        goal = self._accepted_goal()
        self._change(goal, target, reason)
        return goal

    def _change(self, goal, target, reason="x"):
        wizard = self.env["nka.season.goal.change"].with_user(self.supervisor)
        wizard.create(
            {"goal_id": goal.id, "target": target, "reason": reason}
        ).action_apply()

    def test_unanswered_change_lapses(self):
        with freeze_time(DURING):
            goal = self._changed()
            self._change(goal, 5000)
        self.assertEqual((goal.state, goal.target), ("proposed", 5000))
        with freeze_time(AFTER):
            with self.refused(UserError, "measured result counts"):
                goal.action_score_zero(reason="He never accepted")
            self.season.with_user(self.supervisor).action_freeze()
        self.assertEqual((goal.state, goal.target), ("frozen", 40))
        self.assertFalse(goal.is_changed)
        self.assertEqual(self._events(goal, "goal")[-1].new, "40")

    def test_rejected_change_restores_the_agreed_goal(self):
        with freeze_time(DURING):
            goal = self._changed()
            goal.with_user(self.manager).action_object(reason="Nobody sells that much")
        self.assertEqual((goal.state, goal.target), ("accepted", 40))
        with self.refused(UserError, "Change"):
            goal.unlink()

    def test_accepted_change_counts(self):
        with freeze_time(DURING):
            goal = self._changed(target=50)
            goal.with_user(self.manager).action_accept()
        with freeze_time(AFTER):
            self.season.with_user(self.supervisor).action_freeze()
        self.assertEqual((goal.state, goal.target), ("frozen", 50))

    def test_no_change_once_results_are_known(self):
        goal = self._accepted_goal()
        other = self._accepted_goal("vip_leads", 10)
        with freeze_time(DURING):
            self._change(other, 12)
        with freeze_time(AFTER):
            for agreed in (goal, other):
                with self.refused(UserError, "its season has ended"):
                    agreed.action_change()
                with self.refused(UserError, "its season has ended"):
                    self._change(agreed, 1)

    def test_agreed_values_cannot_be_written(self):
        goal = self._changed()
        for vals in (
            {"agreed_target": 1},
            {"is_changed": False},
            {"agreed_zero_value": 1},
        ):
            for user in (self.supervisor, self.supervisor_2):
                with self.refused(AccessError):
                    goal.with_user(user).write(vals)


@tagged("nka_pay")
class TestShown(SeasonCase):
    """A figure shows its source records, its time and the reason if it is zero."""

    def test_zero_has_a_reason(self):
        goal = self._accepted_goal()
        check = self._accepted_goal("average_check", 500000)
        self.assertIn("first day", goal.zero_reason)
        with freeze_time(DURING):
            goal._refresh()
            check._refresh()
        self.assertEqual(goal.zero_reason, "Attainment is zero.")
        self.assertIn("nothing to measure", check.zero_reason)
        self._negotiation(self.manager)
        with freeze_time(DURING):
            goal._refresh()
        self.assertIn("below the threshold", goal.zero_reason)
        goal._unlocked().write({"score": 1})
        self.assertFalse(goal.zero_reason)

    def test_live_figures_show_their_records_and_time(self):
        goal = self._accepted_goal()
        talk = self._negotiation(self.manager)
        with freeze_time("2026-11-20 08:30:00"):
            goal.with_user(self.manager).action_open_mine()
            self.assertEqual(goal.measured_date, datetime(2026, 11, 20, 8, 30))
            self.assertEqual(self.season.measured_date, goal.measured_date)
        self.assertEqual(goal.evidence_text, "Records counted: 1")
        action = goal.with_user(self.manager).action_open_evidence()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, talk)
        self.assertEqual(goal.season_id.date_start, date(2026, 10, 1))
