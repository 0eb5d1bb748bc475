from datetime import date, datetime
from decimal import Decimal

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.addons.nka_key_accounts import paycalc
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_pay import PayCase


class SeasonCase(PayCase):
    """The last quarter of 2026, with agreements of both managers in it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls._accepted()
        cls.other_agreement = cls._accepted(cls.other_employee)
        cls.env["nka.season"].search([]).unlink()
        cls.season = cls._new_season(date(2026, 10, 1), date(2026, 12, 31))

    @classmethod
    def _new_season(cls, first, last):
        return cls.env["nka.season"].create(
            {"name": f"Season {first}", "date_start": first, "date_end": last}
        )

    @classmethod
    def _goal(cls, code="negotiations", target=40, **vals):
        return (
            cls.env["nka.season.goal"]
            .with_user(cls.supervisor)
            .create(
                {
                    "season_id": cls.season.id,
                    "employee_id": cls.employee.id,
                    "kpi_id": cls._kpi(code).id,
                    "target": target,
                    **vals,
                }
            )
        )

    @classmethod
    def _accepted_goal(cls, *args, **vals):
        goal = cls._goal(*args, **vals)
        goal.action_propose(reason="Set up late")
        goal.with_user(goal.user_id).action_accept()
        return goal

    @classmethod
    def _negotiation(cls, user, start=datetime(2026, 11, 3, 9), **vals):
        return cls.env["calendar.event"].create(
            {
                "name": "Talk",
                "user_id": user.id,
                "start": start,
                "stop": start,
                "is_negotiation": True,
                "negotiation_outcome": "progress",
                **vals,
            }
        )

    def _measure(self, code, users=None, season=None, day=None, evidence=False):
        with freeze_time(day or "2027-01-05"):
            return self._kpi(code)._measure(
                users or self.manager + self.colleague,
                (season or self.season)._span(),
                evidence,
            )


@tagged("nka_pay")
class TestSeason(SeasonCase):
    """Seasons made ahead, started, frozen."""

    @freeze_time("2026-11-23")
    def test_quarters_are_made_ahead(self):
        self.season.unlink()
        seasons = self.env["nka.season"]
        seasons._cron_seasons()
        made = seasons.search([("company_id", "=", self.env.company.id)]).sorted(
            "date_start"
        )
        days = made.mapped(lambda s: (s.date_start, s.date_end))
        self.assertEqual(
            days,
            [
                (date(2026, 10, 1), date(2026, 12, 31)),
                (date(2027, 1, 1), date(2027, 3, 31)),
                (date(2027, 4, 1), date(2027, 6, 30)),
            ],
        )
        self.assertEqual(made.mapped("state"), ["running", "planned", "planned"])
        seasons._cron_seasons()
        self.assertEqual(seasons.search_count([("id", "in", made.ids)]), 3)

    @freeze_time("2026-11-23")
    def test_length_is_the_companys(self):
        self.season.unlink()
        self.env.company.nka_season_months = 6
        self.env.company._make_seasons()
        season = self.env["nka.season"]._season_on(date(2026, 11, 1), self.env.company)
        self.assertEqual(season.date_start, date(2026, 7, 1))

    def test_whole_months_without_overlap(self):
        with self.refused(ValidationError, "first day of a month"):
            self._new_season(date(2027, 1, 1), date(2027, 3, 30))
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            with self.cr.savepoint():
                self._new_season(date(2026, 12, 1), date(2027, 1, 31))
                self.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def test_running_season_is_not_frozen(self):
        with freeze_time("2026-12-31"), self.refused(UserError, "running"):
            self.season.with_user(self.supervisor).action_freeze()

    def test_only_supervisors_freeze_and_draft(self):
        with freeze_time("2027-01-02"):
            for user in (self.manager, self.officer, self.kam_admin):
                season = self.season.with_user(user)
                for action in (season.action_freeze, season.action_propose_goals):
                    with self.refused(AccessError):
                        action()

    def test_only_who_reads_a_season_measures_it(self):
        goal = self._accepted_goal()
        self._negotiation(self.manager)
        with freeze_time("2026-11-20"):
            with self.refused(AccessError):
                self.season.with_user(self.salesman).action_refresh()
            self.assertFalse(goal.actual)
            for user in (self.manager, self.officer, self.supervisor):
                goal._unlocked().write({"actual": 0})
                self.assertTrue(self.season.with_user(user).action_refresh())
                self.assertEqual(goal.actual, 1)


@tagged("nka_pay")
class TestSeasonGoal(SeasonCase):
    """Setting, accepting, changing, deciding."""

    def test_weight_comes_from_the_plan(self):
        goal = self._goal()
        self.assertEqual(goal.weight, 15)
        self.assertEqual(goal.agreement_id, self.agreement)
        with self.refused(ValidationError, "new plan version"):
            self._goal("vip_leads", 10, weight=50)
        other = self.env["nka.kpi"].create(
            {"name": "Other", "code": "other", "measure": "negotiations"}
        )
        with self.refused(ValidationError, "goal list"):
            self._goal(kpi_id=other.id, weight=15)

    def test_targets_that_cannot_be_measured_against(self):
        with self.refused(ValidationError, "above zero"):
            self._goal(target=0)
        with self.refused(ValidationError, "above the target"):
            self._goal("overdue_share", 5, zero_value=5)

    def test_before_the_start_no_reason_is_needed(self):
        goal = self._goal()
        with freeze_time("2026-09-20"):
            goal.action_propose()
        self.assertEqual(goal.state, "proposed")
        self.assertIn(self.manager, goal.activity_ids.user_id)

    def test_after_the_start_only_with_a_reason(self):
        goal = self._goal()
        with freeze_time("2026-10-01"):
            question = goal.action_propose()
            self.assertEqual(question["res_model"], "nka.reason.wizard")
            self.assertEqual(goal.state, "draft")
            goal.action_propose(reason="Hired on the first")
        self.assertEqual(self._events(goal, "state")[-1].note, "Hired on the first")

    def test_the_manager_accepts_or_objects(self):
        goal = self._goal()
        goal.action_propose(reason="x")
        for user in (self.supervisor, self.officer):
            with self.refused(UserError, "own goals"):
                goal.with_user(user).action_accept()
        with self.refused(AccessError):
            goal.with_user(self.colleague).action_accept()
        goal.with_user(self.manager).action_object(reason="Half of my accounts left")
        self.assertEqual(goal.state, "draft")
        self.assertEqual(goal.activity_ids.user_id, self.supervisor)
        goal.write({"target": 20})
        goal.action_propose(reason="x")
        goal.with_user(self.manager).action_accept()
        self.assertEqual(goal.state, "accepted")

    def test_later_change_needs_a_reason_and_a_new_acceptance(self):
        goal = self._accepted_goal()
        with self.refused(UserError, "Change"):
            goal.write({"target": 50})
        action = goal.action_change()
        wizard = self.env["nka.season.goal.change"].with_user(self.supervisor)
        change = wizard.with_context(**action["context"]).create(
            {"reason": "Two accounts more"}
        )
        self.assertEqual(change.target, 40)
        change.target = 50
        change.action_apply()
        self.assertEqual((goal.target, goal.state), (50, "proposed"))
        event = self._events(goal, "goal")
        self.assertEqual((event.old, event.new), ("40", "50"))
        self.assertEqual(event.note, "Two accounts more")

    def test_nobody_sets_or_decides_his_own(self):
        employee = self._new_employee(self.supervisor)
        self._accepted(employee)
        with self.refused(UserError, "another supervisor"):
            self._goal(employee_id=employee.id)
        goal = (
            self.env["nka.season.goal"]
            .with_user(self.supervisor_2)
            .create(
                {
                    "season_id": self.season.id,
                    "employee_id": employee.id,
                    "kpi_id": self._kpi("negotiations").id,
                    "target": 40,
                }
            )
            .with_user(self.supervisor)
        )
        for attempt in (
            lambda: goal.action_propose(reason="x"),
            lambda: goal.write({"target": 1}),
            lambda: goal.action_leave_out(reason="x"),
            lambda: goal.action_score_zero(reason="x"),
        ):
            with self.refused(UserError, "another supervisor"):
                attempt()

    def test_managers_and_officers_set_nothing(self):
        goal = self._goal()
        for user in (self.manager, self.officer, self.kam_admin):
            with self.refused(AccessError):
                goal.with_user(user).write({"target": 1})
            with self.refused(AccessError):
                goal.with_user(user).action_leave_out(reason="x")

    def test_guarded_fields(self):
        goal = self._goal()
        for vals in (
            {"state": "accepted"},
            {"actual": 99},
            {"score": 1},
            {"decision": "left_out"},
            {"evidence": {"ids": []}},
        ):
            with self.refused(AccessError):
                goal.write(vals)
            with self.refused(AccessError):
                self._goal("vip_leads", 10, **vals)

    def test_drafted_from_the_managers_own_seasons(self):
        summer = self._new_season(date(2026, 7, 1), date(2026, 9, 30))
        spring = self._new_season(date(2026, 4, 1), date(2026, 6, 30))
        for month, talks in ((5, 3), (8, 6)):
            for day in range(1, talks + 1):
                self._negotiation(self.manager, datetime(2026, month, day, 9))
        with freeze_time("2026-09-30 12:00"):
            # The running season doesn't count yet.
            self.season.with_user(self.supervisor).action_propose_goals()
            goals = self.season.goal_ids
            self.assertEqual(len(goals), 8)
            self.assertEqual(self._target(goals, self.employee), 3)
            goals.with_user(self.supervisor).unlink()
        with freeze_time("2026-10-02"):
            self.season.with_user(self.supervisor).action_propose_goals()
        goals = self.season.goal_ids
        self.assertEqual(self._target(goals, self.employee), 5)
        self.assertEqual(self._target(goals, self.other_employee), 40)
        mine = goals.filtered(lambda g: g.employee_id == self.employee)
        history = mine.filtered(lambda g: g.kpi_id == self._kpi("negotiations")).history
        self.assertEqual(history, f"{summer.name}: 6 · {spring.name}: 3")
        self.season.with_user(self.supervisor).action_propose_goals()
        self.assertEqual(len(self.season.goal_ids), 8)
        overdue = mine.filtered(lambda g: g.direction == "lower")
        self.assertEqual((overdue.target, overdue.zero_value), (5, 15))

    def _target(self, goals, employee):
        kpi = self._kpi("negotiations")
        return goals.filtered(
            lambda g: g.employee_id == employee and g.kpi_id == kpi
        ).target


@tagged("nka_pay")
class TestGoalProgress(SeasonCase):
    """Live during the season, frozen with evidence at its end."""

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

    def test_counts_shrink_with_the_days_employed(self):
        self.employee.sudo().version_id.write(
            {"contract_date_start": date(2026, 11, 16)}
        )
        goal = self._accepted_goal()
        for day in range(16, 20):
            self._negotiation(self.manager, datetime(2026, 11, day, 9))
        with freeze_time("2027-01-05"):
            goal._refresh()
        # 34 of 66 workdays: a target of 40 shrinks to 20.6
        self.assertAlmostEqual(goal.proportion, 34 / 66)
        self.assertAlmostEqual(goal.attainment, 4 / (40 * 34 / 66), places=5)

    def test_seasons_to_come_are_not_measured(self):
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

    def test_what_cannot_be_measured_waits_for_a_decision(self):
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

    def test_goals_nobody_accepted_wait_too(self):
        goal = self._goal()
        goal.action_propose(reason="x")
        with freeze_time("2027-01-02"):
            self.season._freeze()
            self.assertTrue(goal.is_exception)
            goal.with_user(self.supervisor).action_score_zero(reason="Never answered")
        self.assertEqual((goal.state, goal.decision), ("frozen", "scored_zero"))

    def test_job_freezes_after_the_days_of_grace(self):
        goal = self._accepted_goal()
        with freeze_time("2027-01-05"):
            self.env["nka.season"]._cron_seasons()
            self.assertEqual(goal.state, "accepted")
        with freeze_time("2027-01-06"):
            self.env["nka.season"]._cron_seasons()
        self.assertEqual(goal.state, "frozen")

    def test_queries_do_not_grow_with_managers(self):
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
