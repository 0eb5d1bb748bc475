"""The page of a manager's skills: gaps, both sides, recorded facts, and reminders."""

from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import proven_talk
from .common import SkillsCase


@tagged("nka_talent")
class TestProfiles(SkillsCase):
    def _profile(self, user=None, employee=None):
        profiles = self.env["nka.skill.profile"].with_user(user or self.supervisor)
        self.env.invalidate_all()
        return profiles.search([("id", "=", (employee or self.employee).id)])

    def _skill(self, profile, name="documents"):
        profile.invalidate_recordset()
        skills = profile.picture["skills"]
        return next(one for one in skills if one["id"] == self._ref(f"skill_{name}").id)

    def _fact(self, profile, code, skill="documents"):
        facts = self._skill(profile, skill)["facts"]
        return next(fact for fact in facts if fact["code"] == code)

    # ------------------------------------------------------------ who
    def test_who_sees_which_page(self):
        people = {
            self.manager: True,
            self.supervisor: True,
            self.director: True,
            self.colleague: False,
            self.supervisor_2: False,
            self.officer: False,
            self.kam_admin: False,
            self.employee_user: False,
        }
        for user, sees in people.items():
            self.assertEqual(bool(self._profile(user)), sees, user.name)
        page = self._profile()
        for user in (self.colleague, self.supervisor_2):
            hostile = page.with_user(user)
            for step in (
                lambda page=hostile: page.read(["picture"]),
                lambda page=hostile: page.action_assess(),
                lambda page=hostile: page.action_ask_self(),
                lambda page=hostile: page.action_open_fact(),
                lambda page=hostile: page.action_open_assessments(),
            ):
                with self.refused(AccessError):
                    step()
            virtual = page.with_user(user).new({"employee_id": self.employee.id})
            self.assertFalse(virtual.picture)
            line = self.env["nka.skill.assessment.line"].with_user(user)
            draft = self.env["nka.skill.assessment"].with_user(user)
            draft = draft.new({"employee_id": self.employee.id})
            line = line.new({"assessment_id": draft, "skill_id": self.documents.id})
            self.assertFalse(line.facts)
        with self.refused(AccessError, "ask for a self-assessment"):
            page.with_user(self.manager).action_ask_self()
        with self.refused(AccessError, "ask for a self-assessment"):
            page.with_user(self.director).action_ask_self()

    def test_others_have_no_page(self):
        """A colleague without key accounts isn't listed, until their position asks."""
        other = self.env["hr.employee"].create(
            {"name": "Other", "user_id": self.salesman.id}
        )
        self.assertFalse(self._profile(employee=other))
        self._require(documents="good")
        other.job_id = self.job
        page = self._profile(employee=other)
        self.assertEqual(page.gap_count, 1)
        self.assertEqual(page.standing, "never")

    # ------------------------------------------------------------ gaps
    def test_gaps_and_both_sides(self):
        page = self._profile()
        self.assertEqual(page.gap_text, "No position")
        self._require(documents="example", languages="fair")
        page = self._profile()
        self.assertEqual((page.gap_count, page.required_count), (2, 2))
        self.assertEqual(page.gap_text, "Not assessed")
        self._assess_self(level="example").action_confirm()
        page = self._profile()
        self.assertTrue(page.is_self_hidden)
        self.assertEqual([one["key"] for one in page.picture["sides"]], ["required"])
        self._assess(level="good").action_confirm()
        page = self._profile()
        self.assertFalse(page.is_self_hidden)
        self.assertEqual(page.gap_count, 1)
        self.assertEqual(page.gap_text, "1 of 2")
        self.assertEqual(page.gap_count, len(self.employee._nka_skill_gaps()))
        self.assertEqual(page.standing, "current")
        skill = self._skill(page)
        self.assertEqual(skill["required"]["progress"], 100)
        self.assertEqual(skill["supervisor"]["progress"], 75)
        self.assertEqual(skill["self"]["progress"], 100)
        self.assertEqual(skill["missing"], 25)
        self.assertIn(self.supervisor.name, skill["set_by"])
        self.assertFalse(skill["differs"])
        self.assertEqual(len(page.picture["skills"]), 7)
        # HR corrects a level afterwards: the page says so.
        row = self._skill_rows()
        row.skill_level_id = self._level("weak")
        self.assertTrue(self._skill(self._profile())["differs"])
        mine = self._profile(self.manager)
        self.assertEqual(len(mine.assessment_ids), 2)
        self.assertEqual(mine.action_open_mine()["res_id"], self.employee.id)

    def test_drafts_are_reused(self):
        action = self._profile().action_assess()
        again = self._profile().action_assess()
        self.assertEqual(action["res_id"], again["res_id"])
        draft = self.env["nka.skill.assessment"].browse(action["res_id"])
        self.assertEqual(
            (draft.kind, draft.assessor_id), ("supervisor", self.supervisor)
        )
        own = self._profile(self.manager).action_assess()
        draft = self.env["nka.skill.assessment"].browse(own["res_id"])
        self.assertEqual((draft.kind, draft.assessor_id), ("self", self.manager))

    # ------------------------------------------------------------ facts
    def test_facts_say_why_they_are_zero(self):
        page = self._profile()
        for code, skill, reason in (
            ("sale_value", "business", "No sales"),
            ("reports", "stress", "No weekly report"),
            ("outcomes", "stress", "No negotiation"),
            ("commitments", "stress", "No commitment"),
            ("first_pass", "documents", "No document"),
            ("minutes", "documents", "No negotiation"),
        ):
            fact = self._fact(page, code, skill)
            self.assertIn(reason, fact["text"])
            self.assertFalse(fact["opens"])
        with self.refused(UserError, "no records behind"):
            page.with_context(nka_fact="reports").action_open_fact()
        with self.refused(UserError, "no records behind"):
            page.with_context(nka_fact="unknown").action_open_fact()

    def test_facts(self):
        """Each fact counts its own records; the others' don't count."""
        lead = self.env["crm.lead"].create(
            {
                "name": "Deal",
                "type": "opportunity",
                "partner_id": self.client.id,
                "user_id": self.manager.id,
            }
        )
        moment = datetime.combine(self.today - timedelta(days=20), datetime.min.time())
        moment += timedelta(hours=9)
        for outcome in ("progress", False):
            proven_talk(
                self.env,
                self.manager,
                moment,
                negotiation_outcome=outcome,
                opportunity_id=lead.id,
            )
        account = self.env["nka.key.account"].search(
            [("manager_id", "=", self.manager.id)]
        )
        commitments = self.env["nka.commitment"].create(
            [
                {
                    "text": f"Promise {number}",
                    "kind": "service",
                    "key_account_id": account.id,
                    "promised_date": self.today,
                }
                for number in range(3)
            ]
        )
        commitments[:2].with_user(self.supervisor).action_keep()
        commitments[2:].with_user(self.supervisor).action_breach("Too late")
        page = self._profile()
        outcomes = self._fact(page, "outcomes", "stress")
        self.assertEqual(outcomes["text"], "1 out of 2")
        self.assertEqual(self._fact(page, "minutes")["text"], "0 out of 1")
        self.assertEqual(
            self._fact(page, "commitments", "stress")["text"], "2 out of 3"
        )
        action = page.with_context(nka_fact="commitments").action_open_fact()
        self.assertEqual(set(action["domain"][0][2]), set(commitments.ids))
        draft = self._assess()
        line = draft.line_ids.filtered(
            lambda row: row.skill_id == self._ref("skill_stress")
        )
        self.assertIn("kept: 2 out of 3", line.facts)

    # ------------------------------------------------------------ reminders
    def test_reminders(self):
        """Overdue assessments get a draft on both sides, once."""
        company = self.env.company
        assessments = self.env["nka.skill.assessment"]
        of_manager = [("employee_id", "=", self.employee.id), ("state", "=", "draft")]
        self.env["nka.skill.profile"]._cron_remind()
        self.assertFalse(assessments.search(of_manager))
        self._assess().action_confirm()
        self._age(200)
        self.assertEqual(self._profile().standing, "overdue")
        for _night in range(2):
            self.env["nka.skill.profile"]._cron_remind()
        drafts = assessments.search(of_manager)
        self.assertEqual(set(drafts.mapped("kind")), {"self", "supervisor"})
        self.assertEqual(len(drafts), 2)
        by_kind = {draft.kind: draft for draft in drafts}
        self.assertEqual(by_kind["supervisor"].assessor_id, self.supervisor)
        self.assertEqual(by_kind["self"].assessor_id, self.manager)
        for draft in drafts:
            self.assertEqual(draft.activity_ids.user_id, draft.assessor_id)
            self.assertEqual(len(draft.line_ids), 7)
        mine = by_kind["supervisor"].with_user(self.supervisor)
        mine.line_ids.skill_level_id = self._level("good")
        mine.action_confirm()
        self.assertFalse(mine.activity_ids)
        self.assertEqual(self._profile().standing, "current")
        company.nka_skill_months = 0
        self._age(900)
        self.assertFalse(self._profile().date_due)

    def _age(self, days):
        """Move the confirmed assessments back; the database guard stands aside."""
        self.env.flush_all()
        self.cr.execute("SET LOCAL session_replication_role = replica")
        self.cr.execute(
            "UPDATE nka_skill_assessment SET date = %s WHERE state = 'confirmed'",
            [self.today - timedelta(days=days)],
        )
        self.cr.execute("SET LOCAL session_replication_role = origin")
        self.env.invalidate_all()

    def test_drafts_cost_the_same_for_many(self):
        assessments = self.env["nka.skill.assessment"]
        counts = []
        for people in (self.employee, self.employee | self.other_employee):
            with self.cr.savepoint(flush=False) as point:
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                supervisors = assessments._supervisors_of(people)
                self.assertEqual(len(supervisors), len(people))
                assessments._prepare_drafts("supervisor", supervisors)
                self.env.flush_all()
                counts.append(self.cr.sql_log_count - before)
                point.rollback()
                self.env.clear()
        self.assertLessEqual(counts[1], counts[0])

    def test_ask_for_a_self_assessment(self):
        self._profile().action_ask_self()
        self._profile().action_ask_self()
        drafts = self.env["nka.skill.assessment"].search(
            [("employee_id", "=", self.employee.id)]
        )
        self.assertEqual(drafts.kind, "self")
        self.assertEqual(drafts.activity_ids.user_id, self.manager)
        self.assertNotIn(self.supervisor.partner_id, drafts.message_partner_ids)
        self.assertFalse(
            drafts.with_user(self.supervisor).search([("id", "=", drafts.id)])
        )
