from datetime import date, datetime

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import mail_from
from .common import PlansCase


@tagged("nka_plans")
class TestAccountPlan(PlansCase):
    """Account plans are yearly, start from recorded figures and need approval."""

    def test_submitted_and_approved(self):
        plan = self._plan()
        plan.action_submit()
        review = self._activities(plan, "review_plan")
        self.assertEqual(review.user_id, self.supervisor)
        plan.with_user(self.supervisor).action_approve()
        self.assertEqual(plan.state, "approved")
        self.assertEqual(plan.reviewer_id, self.supervisor)
        self.assertEqual(
            self._events(plan, "state").mapped("new"),
            ["draft", "submitted", "approved"],
        )
        step = plan.action_ids
        self.assertEqual(self._activities(step).user_id, self.manager)
        self.assertEqual(self._activities(step).date_deadline, step.date_due)
        self.assertEqual(self.account.plan_state, "approved")

    def test_refusal_names_what_is_missing(self):
        plan = self._plan(vision=False, objective_ids=False, action_ids=False)
        with self.assertRaisesRegex(UserError, "the vision, an objective, an action"):
            plan.action_submit()

    def test_one_per_account_and_year(self):
        plan = self._plan()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._plan()
        self.assertEqual(plan.copy().year, plan.year + 1)

    def test_returned_and_revised_with_a_reason(self):
        plan = self._plan()
        plan.action_submit()
        plan.with_user(self.supervisor).action_return(reason="Targets too low")
        self.assertEqual(plan.state, "draft")
        self.assertIn("Targets too low", self._activities(plan)[-1].summary)
        plan.action_submit()
        plan.with_user(self.supervisor).action_approve()
        plan.action_revise(reason="The plant was sold")
        self.assertEqual(plan.state, "draft")
        event = self._events(plan, "state")[-1]
        self.assertEqual(event.note, "The plant was sold")
        with self.assertRaises(UserError):
            plan.unlink()

    def test_makers_and_other_roles_cannot_approve(self):
        plan = self._plan()
        plan.action_submit()
        for user in (self.manager, self.deputy, self.colleague, self.kam_admin):
            with self.assertRaises(AccessError):
                plan.with_user(user).action_approve()
        with self.assertRaises(AccessError):
            plan.sudo().action_approve()
        with self.assertRaises(AccessError):
            plan.write({"state": "approved"})

    def test_supervisor_who_edited_it_cannot_approve(self):
        for edit in (
            lambda plan: plan.write({"vision": "<p>Mine</p>"}),
            lambda plan: plan.objective_ids.write({"target": 5}),
            lambda plan: plan.write(
                {
                    "action_ids": [
                        Command.create(
                            {
                                "name": "My records",
                                "user_id": self.manager.id,
                                "date_due": self.today,
                            }
                        )
                    ]
                }
            ),
        ):
            plan = self._plan(year=2030)
            edit(plan.with_user(self.supervisor))
            plan.action_submit()
            with self.assertRaisesRegex(AccessError, "worked on"):
                plan.with_user(self.supervisor).action_approve()
            plan.with_user(self.supervisor_2).action_return(reason="Again")
            plan.unlink()

    def test_submitted_and_approved_plans_are_locked(self):
        plan = self._plan()
        plan.action_submit()
        for state in ("submitted", "approved"):
            if state == "approved":
                plan.with_user(self.supervisor).action_approve()
            for record, vals in (
                (plan, {"vision": "<p>Else</p>"}),
                (plan, {"objective_ids": [Command.clear()]}),
                (plan.objective_ids, {"target": 1}),
                (plan.objective_ids, {"measure": "manual"}),
                (plan.action_ids, {"date_due": self.today}),
            ):
                with self.assertRaisesRegex(UserError, "you can't change it"):
                    record.write(vals)
            for lines in (plan.objective_ids, plan.action_ids):
                with self.assertRaises(UserError):
                    lines.unlink()
        plan.objective_ids.note = "Half way"

    def test_roles(self):
        plan = self._plan()
        self.assertTrue(plan.with_user(self.deputy).objective_ids.name)
        self.assertTrue(plan.with_user(self.supervisor).objective_ids.name)
        for user in (self.deputy, self.colleague, self.kam_admin, self.officer):
            with self.assertRaises(AccessError):
                self._plan(user=user, year=2031)
            for record, vals in (
                (plan, {"vision": "<p>Else</p>"}),
                (plan.objective_ids, {"target": 1}),
                (plan.action_ids, {"name": "Else"}),
            ):
                with self.assertRaises(AccessError):
                    record.with_user(user).write(vals)
        for user in (self.colleague, self.salesman, self.employee_user, self.officer):
            for record in (plan, plan.objective_ids):
                with self.assertRaises(AccessError):
                    record.with_user(user).read(["display_name"])

    def test_lines_cant_move_to_another_plan(self):
        plan, other = self._plan(), self._plan(year=2030)
        for lines in (plan.objective_ids, plan.action_ids):
            with self.assertRaisesRegex(UserError, "can't be moved"):
                lines.plan_id = other

    def test_users_without_access_cant_add_lines(self):
        plan = self._approved_plan()
        for model, vals in (
            ("nka.account.plan.objective", {"name": "My records"}),
            ("nka.account.plan.action", {"name": "My records", "date_due": self.today}),
        ):
            self.env.invalidate_all()
            rows = self.env[model].with_user(self.colleague)
            with self.refused(AccessError):
                rows.create({"plan_id": plan.id, **vals})
        draft = self._plan(year=self.today.year + 1)
        self.employee_user.active = False
        self.env.invalidate_all()
        with self.refused(AccessError):
            rows.create({"plan_id": draft.id, "user_id": self.employee_user.id, **vals})

    def test_counts_for_completeness(self):
        before = self.account.completeness
        self._approved_plan()
        self.account.invalidate_recordset()
        self.assertGreater(self.account.completeness, before)
        self.assertIn(
            self.account,
            self.env["nka.key.account"].search([("plan_state", "=", "approved")]),
        )
        self.assertNotIn(
            self.account,
            self.env["nka.key.account"].search([("plan_state", "!=", "approved")]),
        )

    def test_printed(self):
        plan = self._approved_plan()
        self._note(self.film, 500, "competitor", competitor_id=self.competitor.id)
        report = self.env["ir.actions.report"].with_user(self.manager)
        html = report._render_qweb_html(
            "nka_key_accounts.report_account_plan", plan.ids
        )[0].decode()
        for words in (self.client.name, "First supplier of film", "Rival Ltd"):
            self.assertIn(words, html)

    def test_button_opens_the_plan_of_the_year(self):
        self._plan(year=self.today.year - 1)
        action = self.account.with_user(self.manager).action_open_plan()
        self.assertFalse(action["res_id"])
        plan = self._plan()
        action = self.account.with_user(self.manager).action_open_plan()
        self.assertEqual(action["res_id"], plan.id)


@tagged("nka_plans")
class TestPlanMeasures(PlansCase):
    """Targets compared with accounting, deals and meetings."""

    def _goal(self, measure, target=10.0, **vals):
        plan = self._plan(
            objective_ids=[
                Command.create({"name": measure, "measure": measure, "target": target})
            ],
            **vals,
        )
        return plan.objective_ids

    def test_revenue_of_the_year(self):
        year = self.today.year
        self._new_invoice(self.client, 400, date=date(year, 1, 1))
        self._new_invoice(self.client, 900, date=date(year - 1, 12, 31))
        goal = self._goal("revenue", 1000)
        self.assertEqual((goal.actual, goal.baseline), (400, 900))
        self.assertEqual((goal.progress, goal.plan_id.progress), (40, 40))

    def test_overdue_where_less_is_better(self):
        self._new_invoice(self.client, 400, date=self.today - self._days(40))
        goal = self._goal("overdue", 100)
        self.assertEqual((goal.actual, goal.progress), (400, 25))
        goal.target = 500
        self.assertEqual(goal.progress, 100)

    def test_wallet_share(self):
        self._bill(self.client, self.film_roll, 300)
        self._fill()
        self._note(self.machines, 700)
        goal = self._goal("wallet_share", 60)
        self.assertEqual((goal.actual, goal.progress), (30, 50))

    def test_deals_and_negotiations(self):
        self.lead.action_set_won()
        self._new_lead(self.client).action_set_lost()
        talk = {"is_negotiation": True, "user_id": self.manager.id}
        event = self._new_meeting(
            self.director, -1, opportunity_id=self.lead.id, **talk
        )
        other = self._new_meeting(self.director, -2, **talk)
        mail_from(self.director, event.start)
        year = event.start.year
        deals = self._goal("won_deals", 2, year=year)
        self.assertEqual((deals.actual, deals.progress), (1, 50))
        deals.plan_id.objective_ids = [
            Command.create({"name": "Talks", "measure": "negotiations", "target": 1})
        ]
        talks = deals.plan_id.objective_ids - deals
        self.assertEqual(talks.actual, 0)
        event.negotiation_outcome = "progress"
        talks.invalidate_recordset()
        self.assertEqual((talks.actual, talks.progress), (1, 100))
        other.negotiation_outcome = "progress"
        talks.invalidate_recordset()
        self.assertEqual(talks.actual, 2)

    def test_manual_values_after_the_approval(self):
        goal = self._goal("manual", 4)
        goal.plan_id.action_submit()
        goal.plan_id.with_user(self.supervisor).action_approve()
        goal.plan_id.write(
            {"objective_ids": [Command.update(goal.id, {"actual_manual": 3})]}
        )
        self.assertEqual((goal.actual, goal.progress), (3, 75))
        with self.assertRaises(UserError):
            goal.plan_id.write(
                {"objective_ids": [Command.update(goal.id, {"target": 3})]}
            )

    def test_past_years_keep_their_final_values(self):
        goal = self._goal("overdue", 100, year=self.today.year - 1)
        self._new_invoice(self.client, 400, date=self.today - self._days(40))
        goal.invalidate_recordset()
        self.assertEqual(goal.actual, 400)
        self.env["nka.account.plan"]._cron_close_years()
        self._new_invoice(self.client, 400, date=self.today - self._days(40))
        goal.invalidate_recordset()
        self.assertEqual((goal.actual, goal.is_final), (400, True))

    def test_measures_cost_constant_queries(self):
        goals = self._goal("revenue")
        self._queries(lambda: goals.mapped("actual"))
        few = self._queries(lambda: goals.mapped("actual"))
        for account in self._more_accounts(5):
            goals |= self._plan(user=self.manager, key_account_id=account.id)[
                "objective_ids"
            ]
        # New accounts clear the caches of access rights.
        self._queries(lambda: goals.mapped("actual"))
        self.assertEqual(self._queries(lambda: goals.mapped("actual")), few)


@tagged("nka_plans")
class TestPlanFilled(PlansCase):
    """A plan starts from recorded figures or from the previous year."""

    def _empty(self, **vals):
        return self._plan(vision=False, objective_ids=False, action_ids=False, **vals)

    def test_from_recorded_figures(self):
        year = self.today.year
        self._new_invoice(self.client, 900, date=date(year - 1, 12, 31))
        for number in range(2):
            account = self._key_account(self._new_client(f"Similar {number}"))
            self._bill(account.partner_id, self.wrapper, 1000)
        self._fill()
        plan = self._empty()
        plan.action_fill()
        targets = {goal.measure: goal.target for goal in plan.objective_ids}
        self.assertEqual(targets["revenue"], 900)
        self.assertEqual(targets["overdue"], 0)
        self.assertEqual(plan.action_ids.mapped("name"), ["Offer Machines"])
        self.assertEqual(plan.action_ids.user_id, self.manager)

    def test_from_the_previous_year(self):
        before = self._approved_plan(year=self.today.year - 1)
        before.action_ids.action_done()
        before.action_revise(reason="One more")
        before.action_ids = [
            Command.create(
                {
                    "name": "Win the second plant",
                    "user_id": self.deputy.id,
                    "date_due": self.today,
                }
            )
        ]
        plan = self._empty()
        plan.action_fill()
        self.assertEqual(plan.vision, before.vision)
        self.assertEqual(plan.objective_ids.name, "Sales")
        self.assertEqual(plan.objective_ids.target, 1000)
        self.assertEqual(plan.action_ids.name, "Win the second plant")
        self.assertEqual(plan.action_ids.user_id, self.deputy)
        plan.action_ids.name = "My records"
        plan.action_fill()
        self.assertEqual(plan.action_ids.name, "My records")

    @freeze_time(datetime(2026, 8, 5, 12))
    def test_due_at_the_end_of_the_next_quarter(self):
        plan = self._empty(year=2026)
        self.assertEqual(plan._first_due(), date(2026, 9, 30))
        self.assertEqual(self._empty(year=2027)._first_due(), date(2027, 3, 31))


@tagged("nka_plans")
class TestPlanActions(PlansCase):
    """Actions of an account plan, their owners and due dates."""

    def _of_colleague(self):
        """Return an action whose owner has no role in the addon."""
        plan = self._approved_plan(
            action_ids=[
                Command.create(
                    {
                        "name": "Brochure",
                        "user_id": self.employee_user.id,
                        "date_due": self.today - self._days(1),
                    }
                )
            ]
        )
        return plan.action_ids

    def test_owner_without_a_role_sees_and_completes_their_action(self):
        step = self._of_colleague()
        mine = step.with_user(self.employee_user)
        self.assertEqual(mine.search([]), step)
        for name in ("plan_id", "key_account_id", "objective_id"):
            with self.assertRaises(AccessError):
                mine.read([name])
        with self.assertRaises(AccessError):
            mine.name = "Nothing"
        with self.assertRaises(AccessError):
            step.plan_id.with_user(self.employee_user).read(["vision"])
        mine.action_done()
        self.assertEqual((step.date_done, step.done_by_id), (self.today, mine.env.user))
        self.assertFalse(self._activities(step))
        self.assertEqual(self._events(step)[-1].kind, "plan_action_done")
        step.action_reopen()
        self.assertTrue(self._activities(step))

    def test_others_cannot_complete_it(self):
        step = self._of_colleague()
        with self.assertRaisesRegex(AccessError, "Ask them"):
            step.with_user(self.deputy).action_done()
        for user in (self.colleague, self.salesman):
            with self.assertRaises(AccessError):
                step.with_user(user).action_done()
        with self.assertRaises(AccessError):
            step.write({"date_done": self.today})
        step.with_user(self.supervisor).action_done()

    def test_starts_with_the_approval(self):
        step = self._plan().action_ids
        with self.assertRaisesRegex(UserError, "only after its plan is approved"):
            step.action_done()
        self.assertFalse(self._activities(step))

    def test_overdue_actions_are_reminded_once(self):
        step = self._of_colleague()
        self.assertTrue(step.is_overdue)
        self._activities(step).unlink()
        for _day in range(2):
            step._cron_remind()
        self.assertEqual(self._activities(step).user_id, self.employee_user)

    def test_handover_moves_the_actions(self):
        step = self._approved_plan().action_ids
        handover = self.env["nka.handover"].create(
            {
                "key_account_ids": self.account.ids,
                "from_user_id": self.manager.id,
                "to_user_id": self.colleague.id,
                "date": self.today,
                "reason": "Territories",
            }
        )
        handover.action_submit()
        handover.with_user(self.supervisor).action_approve()
        self.assertEqual(handover.state, "done")
        # The outgoing manager can no longer read it.
        self.assertEqual(step.sudo().user_id, self.colleague)
        self.assertEqual(self._activities(step).user_id, self.colleague)
        self.assertTrue(step.plan_id.with_user(self.colleague).vision)
        with self.assertRaises(AccessError):
            step.plan_id.with_user(self.manager).read(["vision"])
