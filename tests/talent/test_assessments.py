"""Who assesses whom, what a confirmation does, and who sees it when."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import SkillsCase


@tagged("nka_talent")
class TestAssessments(SkillsCase):
    # ------------------------------------------------------------ confirming
    def test_confirmed_writes_the_history_of_odoo(self):
        self.assertEqual(len(self.skills), 7)
        with freeze_time(self.today - self._days(200)):
            self._assess(level="weak").action_confirm()
        assessment = self._assess(level="good")
        self.assertEqual(assessment.line_ids.skill_id, self.skills)
        behavior = self._ref("behavior_documents_good")
        line = assessment.line_ids.filtered(lambda row: row.skill_id == self.documents)
        self.assertEqual(line.behavior, behavior.text)
        assessment.action_confirm()
        old, new = self._skill_rows()
        self.assertEqual(old.skill_level_id, self._level("weak"))
        self.assertEqual(old.valid_to, self.today - self._days(1))
        self.assertEqual(new.skill_level_id, self._level("good"))
        self.assertFalse(new.valid_to)
        self.assertEqual(new.create_uid, self.supervisor)
        self.assertEqual(assessment.state, "confirmed")
        self.assertIn("Careful documents: 75", self._events(assessment, "skills").new)
        # Levels that stay aren't written again.
        self._assess(level="good").action_confirm()
        self.assertEqual(self._skill_rows(), old | new)

    def test_self_assessment_never_writes(self):
        own = self._assess_self(level="example")
        own.action_confirm()
        self.assertFalse(self._skill_rows())

    def test_all_skills_need_a_level(self):
        assessment = self._assess()
        assessment.line_ids[0].skill_level_id = False
        with self.refused(UserError, assessment.line_ids[0].skill_id.name):
            assessment.action_confirm()

    def test_confirmed_is_final(self):
        assessment = self._assess()
        assessment.action_confirm()
        line = assessment.line_ids[0]
        for step in (
            lambda: assessment.write({"note": "Better after all"}),
            lambda: line.write({"skill_level_id": self._level("weak").id}),
            lambda: line.unlink(),
            lambda: assessment.unlink(),
            lambda: line.create(
                {"assessment_id": assessment.id, "skill_id": self.documents.id}
            ),
            lambda: assessment.sudo().write({"note": "As superuser"}),
            lambda: assessment.write({"line_ids": [(5, 0, 0)]}),
        ):
            with self.refused(UserError, "final"):
                step()
        with self.refused(UserError, "Draft"):
            assessment.action_confirm()
        self.refused_by_database(
            "UPDATE nka_skill_assessment_line SET reason = 'x' WHERE id = %s", line.id
        )

    def test_form(self):
        """The form lists the skills once the employee is chosen."""
        with Form(self.env["nka.skill.assessment"].with_user(self.supervisor)) as form:
            form.employee_id = self.employee
            with form.line_ids.edit(0) as line:
                line.skill_level_id = self._level("fair")
                self.assertTrue(line.behavior)
        self.assertEqual(form.record.line_count, 7)
        self.assertEqual(form.record.assessed_count, 1)

    # ------------------------------------------------------------ gaps
    def test_gaps(self):
        self._require(documents="good", languages="fair", stress="example")
        gaps = self.employee._nka_skill_gaps()
        self.assertEqual([gap.missing for gap in gaps], [100, 50, 75])
        self._assess(level="good").action_confirm()
        [gap] = self.employee._nka_skill_gaps()
        self.assertEqual(gap.skill, self._ref("skill_stress"))
        self.assertEqual(gap.required, self._level("example"))
        self.assertEqual(gap.current, self._level("good"))
        self.assertEqual(gap.missing, 25)
        self.assertEqual(self.employee._nka_skill_gaps(self.env["hr.job"]), [])
        other = self.env["hr.job"].create({"name": "Other"})
        self.assertEqual(self.employee._nka_skill_gaps(other), [])
        as_manager = self.employee.with_user(self.manager)
        self.assertEqual(len(as_manager._nka_skill_gaps()), 1)

    def test_hr_can_still_set_a_level(self):
        """HR's ordinary edit is what gaps read, until the next assessment."""
        self._require(documents="good")
        hr = self._new_user("nka_hr", "group_key_account_admin")
        hr.group_ids = self.env.ref("hr.group_hr_user")
        values = {
            "skill_type_id": self.skill_type.id,
            "skill_id": self.documents.id,
            "skill_level_id": self._level("good").id,
        }
        self.employee.with_user(hr).write({"employee_skill_ids": [(0, 0, values)]})
        self.assertEqual(self.employee._nka_skill_gaps(), [])
        self._assess(level="weak").action_confirm()
        [gap] = self.employee._nka_skill_gaps()
        self.assertEqual(gap.missing, 50)

    # ------------------------------------------------------------ who
    def test_nobody_sets_their_own_level(self):
        values = {
            "employee_id": self.employee.id,
            "skill_type_id": self.skill_type.id,
            "skill_id": self.documents.id,
            "skill_level_id": self._level("example").id,
        }
        skills = self.env["hr.employee.skill"].with_user(self.manager)
        with self.refused(AccessError, "your own level"):
            skills.create(values)
        self._assess(level="weak").action_confirm()
        row = self._skill_rows().with_user(self.manager)
        with self.refused(AccessError, "your own level"):
            row.skill_level_id = self._level("example")
        with self.refused(AccessError, "your own level"):
            row.unlink()
        # Their other skills stay theirs.
        other = self.env["hr.skill.type"].create(
            {
                "name": "Sports",
                "skill_ids": [(0, 0, {"name": "Chess"})],
                "skill_level_ids": [(0, 0, {"name": "Club", "level_progress": 50})],
            }
        )
        skills.create(
            {
                **values,
                "skill_type_id": other.id,
                "skill_id": other.skill_ids.id,
                "skill_level_id": other.skill_level_ids.id,
            }
        )

    def test_who_can_assess(self):
        """A supervisor assesses their people, and nobody themselves as a supervisor."""
        with self.refused(AccessError, "Only a supervisor of"):
            self._assess(self.supervisor_2)
        with self.refused(AccessError, "Only a supervisor of"):
            self._assess(self.colleague)
        with self.refused(AccessError, "can't assess yourself"):
            self._assess(self.manager)
        with self.refused(AccessError, "self-assessment"):
            self._assess(self.supervisor, kind="self")
        self.manager.group_ids += self._ref("group_key_account_supervisor")
        with self.refused(AccessError, "can't assess yourself"):
            self._assess(self.manager)
        stranger = self.env["hr.employee"].create({"name": "No user"})
        with self.refused(ValidationError, "has no user"):
            self._assess(employee=stranger)

    def test_forged_values(self):
        """Clients can't set who assessed, the state or what is shown, in any way."""
        assessments = self.env["nka.skill.assessment"].with_user(self.manager)
        forged = {
            "assessor_id": self.supervisor.id,
            "state": "confirmed",
            "is_shown": True,
            "is_informed": True,
        }
        values = {"employee_id": self.employee.id, "kind": "supervisor"}
        for name, value in forged.items():
            with self.refused(AccessError):
                assessments.create({**values, "kind": "self", name: value})
            with self.refused(AccessError):
                bent = assessments.with_context(**{f"default_{name}": value})
                bent.create({**values, "kind": "self"})
        own = self._assess_self()
        for name, value in forged.items():
            with self.refused(AccessError):
                own.write({name: value})
        with self.refused(UserError, "stays with"):
            own.kind = "supervisor"
        with self.refused(UserError, "stays with"):
            own.employee_id = self.colleague.sudo().employee_id
        with self.refused(AccessError):
            own.with_user(self.colleague).action_confirm()
        with self.refused(AccessError, "because they made it"):
            own.sudo().with_user(self.supervisor).sudo().action_confirm()

    # ------------------------------------------------------------ blind
    def test_neither_side_sees_the_other_first(self):
        own = self._assess_self(level="example")
        seen = own.with_user(self.supervisor)
        everyone = (self.supervisor, self.director, self.colleague, self.kam_admin)
        domain = [("id", "=", own.id)]
        for state in ("draft", "confirmed"):
            for user in everyone:
                self.assertFalse(
                    seen.with_user(user).search(domain), (user.name, state)
                )
                lines = self.env["nka.skill.assessment.line"].with_user(user)
                self.assertFalse(lines.search([("assessment_id", "=", own.id)]))
                self.assertFalse(
                    lines._read_group(
                        [("assessment_id", "=", own.id)], ["skill_level_id"]
                    )
                )
                with self.refused(AccessError):
                    seen.with_user(user).read(["note"])
                with self.refused(AccessError):
                    own.line_ids.with_user(user).read(["skill_level_id"])
            if state == "draft":
                own.action_confirm()
        assessment = self._assess(level="good")
        self.assertFalse(
            assessment.with_user(self.manager).search([("id", "=", assessment.id)])
        )
        assessment.action_confirm()
        self.assertEqual(assessment.counterpart_id, own)
        self.assertEqual(own.counterpart_id, assessment)
        self.assertFalse(own.is_informed)
        self.assertTrue(seen.search(domain))
        self.assertTrue(seen.with_user(self.director).search(domain))
        self.assertFalse(seen.with_user(self.supervisor_2).search(domain))
        self.assertFalse(seen.with_user(self.colleague).search(domain))
        mine = assessment.with_user(self.manager)
        self.assertEqual(mine.line_ids[0].skill_level_id, self._level("good"))
        with self.refused(UserError, "final"):
            mine.note = "No"

    def test_a_self_assessment_afterwards_is_marked(self):
        self._assess().action_confirm()
        own = self._assess_self()
        own.action_confirm()
        self.assertTrue(own.is_informed)
        self.assertTrue(own.is_shown)

    # ------------------------------------------------------------ days
    def test_days(self):
        with self.refused(ValidationError, "still to come"):
            self._assess(date=self.today + self._days(1))
        with self.refused(UserError, "of the last"):
            self._assess(date=self.today - self._days(40)).action_confirm()
        self._assess(date=self.today - self._days(2)).action_confirm()
        with self.refused(UserError, "already has a later"):
            self._assess(date=self.today - self._days(5)).action_confirm()

    def test_what_others_learn_of_a_hidden_self_assessment(self):
        own = self._assess_self(level="example", note="I want to leave")
        own.action_confirm()
        self._assess(level="good")
        person = self.employee.id
        for user in (self.supervisor, self.director, self.colleague, self.kam_admin):
            env = self.env(user=user.id)
            rows = env["nka.skill.assessment"]
            for domain in (
                [("line_ids.reason", "ilike", "")],
                [("line_ids.skill_level_id.level_progress", ">", 1)],
                [("note", "ilike", "leave")],
                [("state", "=", "confirmed")],
            ):
                domain = [("employee_id", "=", person), ("kind", "=", "self"), *domain]
                self.assertFalse(rows.search_count(domain))
                self.assertFalse(rows.name_search("", domain))
                self.assertFalse(rows._read_group(domain, ["date:month"], ["__count"]))
            about = [("res_model", "=", own._name), ("res_id", "=", own.id)]
            self.assertFalse(env["mail.activity"].search(about))
            about = [("model", "=", own._name), ("res_id", "=", own.id)]
            self.assertFalse(env["mail.message"].search(about))
            if env["nka.audit.event"].has_access("read"):
                about = [("res_model", "=", own._name), ("res_id", "=", own.id)]
                events = env["nka.audit.event"].search(about)
                self.assertFalse({*events.mapped("kind")} - {"state"})
            pages = env["nka.skill.profile"].search([("employee_id", "=", person)])
            self.assertNotIn(
                "self",
                [side["key"] for page in pages for side in page.picture["sides"]],
            )
        level = {"skill_level_id": {}, "other_level_id": {}, "facts": {}}
        forged = {
            "assessment_id": False,
            "skill_id": self.documents.id,
        }
        # A line without an employee, as on a new form, has nothing to tell.
        lines = self.env["nka.skill.assessment.line"].with_user(self.colleague)
        found = lines.onchange(forged, [], level)
        self.assertFalse(found["value"].get("facts"))
        spec = {
            "counterpart_id": {"fields": {"note": {}}},
            "line_ids": {"fields": level},
        }
        rows = self.env["nka.skill.assessment"].with_user(self.colleague)
        forged = {"employee_id": person, "kind": "self", "counterpart_id": own.id}
        try:
            found = str(rows.onchange(forged, ["counterpart_id"], spec))
        except AccessError:
            found = ""
        self.assertNotIn("leave", found)
        self.assertNotIn(str(self._level("example").id) + ",", found)
