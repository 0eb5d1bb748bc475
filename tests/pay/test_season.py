"""Seasons and the goals set for them."""

from datetime import date, datetime

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SeasonCase


@tagged("nka_pay")
class TestSeason(SeasonCase):
    """Seasons are created in advance, started and frozen."""

    @freeze_time("2026-11-23")
    def test_quarters_are_created_in_advance(self):
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
    def test_length_is_a_company_setting(self):
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
        with freeze_time("2026-12-31"), self.refused(UserError, "ended yet"):
            self.season.with_user(self.supervisor).action_freeze()

    def test_only_supervisors_freeze_and_draft(self):
        with freeze_time("2027-01-02"):
            for user in (self.manager, self.officer, self.kam_admin):
                season = self.season.with_user(user)
                for action in (season.action_freeze, season.action_propose_goals):
                    with self.refused(AccessError):
                        action()

    def test_only_readers_of_a_season_measure_it(self):
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
    """Setting, accepting, changing and deciding on goals."""

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

    def test_invalid_targets(self):
        with self.refused(ValidationError, "above zero"):
            self._goal(target=0)
        with self.refused(ValidationError, "above the target"):
            self._goal("overdue_share", 5, zero_value=5)

    def test_no_reason_needed_before_the_start(self):
        goal = self._goal()
        with freeze_time("2026-09-20"):
            goal.action_propose()
        self.assertEqual(goal.state, "proposed")
        self.assertIn(self.manager, goal.activity_ids.user_id)

    def test_reason_needed_after_the_start(self):
        goal = self._goal()
        with freeze_time("2026-10-01"):
            question = goal.action_propose()
            self.assertEqual(question["res_model"], "nka.reason.wizard")
            self.assertEqual(goal.state, "draft")
            goal.action_propose(reason="Hired on the first")
        self.assertEqual(self._events(goal, "state")[-1].note, "Hired on the first")

    def test_manager_accepts_or_objects(self):
        goal = self._goal()
        goal.action_propose(reason="x")
        for user in (self.supervisor, self.officer):
            with self.refused(UserError, "respond to these goals"):
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

    def test_own_goals_cannot_be_set_or_decided(self):
        employee = self._new_employee(self.supervisor)
        self._accepted(employee)
        with self.refused(UserError, "nother supervisor"):
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
            with self.refused(UserError, "nother supervisor"):
                attempt()

    def test_managers_and_officers_cannot_set_goals(self):
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

    def test_drafted_from_the_managers_earlier_seasons(self):
        summer = self._new_season(date(2026, 7, 1), date(2026, 9, 30))
        spring = self._new_season(date(2026, 4, 1), date(2026, 6, 30))
        for month, talks in ((5, 3), (8, 6)):
            for day in range(1, talks + 1):
                self._negotiation(self.manager, datetime(2026, month, day, 9))
        with freeze_time("2026-09-30 12:00"):
            # The current season doesn't count yet.
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
class TestSeasonNames(SeasonCase):
    """Season names are generated from their dates in the user language."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("ru_RU")
        cls.season.name = False

    def _reader(self, lang):
        return self.season.with_user(self.manager).with_context(lang=lang)

    def test_name_is_in_the_user_language(self):
        self.season.unlink()
        company = self.env.company.with_context(lang="ru_RU")
        company._make_seasons(date(2026, 11, 1))
        seasons = self.env["nka.season"]
        season = seasons._season_on(date(2026, 11, 1), self.env.company)
        self.assertFalse(season.name)
        names = [
            season.with_context(lang=lang).display_name for lang in ("en_US", "ru_RU")
        ]
        self.assertEqual(names, ["2026, quarter 4", "2026, квартал 4"])

    def test_goal_names_are_in_the_user_language(self):
        goal = self._goal()
        texts = [
            goal.with_context(lang=lang).display_name for lang in ("en_US", "ru_RU")
        ]
        self.assertIn("2026, quarter 4", texts[0])
        self.assertIn("2026, квартал 4", texts[1])

    def test_earlier_results_are_in_the_user_language(self):
        past = self._new_season(date(2026, 7, 1), date(2026, 9, 30))
        gone = self._new_season(date(2026, 4, 1), date(2026, 6, 30))
        past.name = False
        values = [(past.id, "53213.92"), (gone.id, "7")]
        goal = self._goal()
        goal._unlocked().write({"past_values": values})
        other = self._goal("vip_leads", past_values=values)
        gone.unlink()
        for lang, text in (
            ("en_US", "2026, quarter 3: 53,213.92"),
            ("ru_RU", "2026, квартал 3: 53\N{NO-BREAK SPACE}213,92"),
        ):
            self.env.invalidate_all()
            shown = (goal | other).with_context(lang=lang)
            with self.assertQueryCount(12):
                self.assertEqual(shown.mapped("history"), [text, text])

    def test_other_lengths_and_custom_names(self):
        for first, last, name in (
            (date(2027, 1, 1), date(2027, 1, 31), "January 2027"),
            (date(2027, 2, 1), date(2027, 4, 30), "February 2027 – April 2027"),
            (date(2027, 7, 1), date(2027, 12, 31), "July 2027 – December 2027"),
        ):
            season = self.env["nka.season"].create(
                {"date_start": first, "date_end": last}
            )
            self.assertEqual(season.display_name, name)
        season.name = "The long summer"
        self.assertEqual(season.display_name, "The long summer")
        self.assertFalse(self.env["nka.season"].new({}).display_name)

    def test_found_by_its_displayed_name(self):
        other = self._new_season(date(2027, 1, 1), date(2027, 3, 31))
        for lang, text in (("en_US", "quarter 4"), ("ru_RU", "квартал 4")):
            found = self._reader(lang).name_search(text)
            self.assertEqual([number for number, _name in found], self.season.ids)
        found = self._reader("en_US").name_search("", operator="ilike")
        self.assertEqual(len(found), 2)
        names = self._reader("en_US").search([("display_name", "not ilike", "quarter")])
        self.assertEqual(names, other)

    def test_current_season_comes_first(self):
        """Phones show the first column only: it contains the goals of the current
        season.
        """
        before = self._new_season(date(2026, 7, 1), date(2026, 9, 30))
        after = self._new_season(date(2027, 1, 1), date(2027, 3, 31))
        goals = {season: self._goal(season_id=season.id) for season in (before, after)}
        goals[self.season] = self._goal()
        before._unlocked().write({"state": "frozen"})
        self.season._unlocked().write({"state": "running"})
        expected = [self.season, after, before]
        model = self.env["nka.season.goal"].with_user(self.supervisor)
        domain = [("season_id", "in", (before | after | self.season).ids)]
        columns = model.web_read_group(domain, ["season_id"], ["__count"])["groups"]
        self.assertEqual(
            [column["season_id"][0] for column in columns],
            [season.id for season in expected],
        )
        self.assertEqual(
            list(model.search(domain)), [goals[season] for season in expected]
        )
