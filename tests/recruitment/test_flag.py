"""What an applicant says about their own plans moves nothing and reaches nobody else."""

from datetime import timedelta

from psycopg2 import sql

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .common import ANSWER, RecruitmentCase

FIELDS = (
    "nka_five_years",
    "nka_owner_flag",
    "nka_owner_set_by_id",
    "nka_owner_hint",
    "nka_note_kept",
    "nka_owner_decision_ids",
)
#: Written by Odoo at every change of a record.
STAMPS = {"write_date", "write_uid"}


class TestFlag(RecruitmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        skills = cls.env["hr.skill"].search(
            [
                (
                    "skill_type_id",
                    "=",
                    cls.env.ref("nka_key_accounts.skill_type_key_account_manager").id,
                )
            ]
        )
        cls.twin = cls._new_applicant("Clara Winter")
        for applicant in cls.applicant | cls.twin:
            applicant.applicant_skill_ids = [
                Command.create(
                    {
                        "skill_type_id": skill.skill_type_id.id,
                        "skill_id": skill.id,
                        "skill_level_id": cls.env.ref(
                            "nka_key_accounts.skill_level_good"
                        ).id,
                    }
                )
                for skill in skills
            ]

    def _colleagues(self):
        """Return those who deal with the applicant, and must not learn of it."""
        return (self.interviewer, self.manager, self.supervisor, self.kam_admin)

    def _tables_with(self, text):
        """Return the tables of the database with a row that contains a text."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' "
            "AND relnamespace = 'public'::regnamespace"
        )
        parts = [
            sql.SQL(
                "SELECT {} WHERE EXISTS (SELECT FROM {} t WHERE t::text LIKE {})"
            ).format(sql.Literal(name), sql.Identifier(name), sql.Literal(f"%{text}%"))
            for (name,) in self.env.cr.fetchall()
        ]
        self.env.cr.execute(sql.SQL(" UNION ALL ").join(parts))
        return {name for (name,) in self.env.cr.fetchall()}

    # ------------------------------------------------------------ moves nothing
    def test_moves_no_score_and_no_order(self):
        seen = self.env["hr.applicant"].with_user(self.interviewer)
        names = set(seen.fields_get()) - STAMPS
        self.assertFalse(names.intersection(FIELDS))
        before = seen.browse(self.applicant.id).read(names)
        order = seen.search([], order="sequence, id").ids
        messages = self.applicant.message_ids
        self.assertEqual(self.applicant.matching_score, self.twin.matching_score)
        self.assertTrue(self.applicant.matching_score)
        self._noted()
        self.env.invalidate_all()
        self.assertEqual(seen.browse(self.applicant.id).read(names), before)
        self.assertEqual(seen.search([], order="sequence, id").ids, order)
        self.assertEqual(self.applicant.matching_score, self.twin.matching_score)
        self.assertEqual(self.applicant.message_ids, messages)
        self.assertFalse(self.applicant.activity_ids)

    def test_words_only_suggest(self):
        self._noted(flag=False)
        self.assertTrue(self.applicant.nka_owner_hint)
        self.assertFalse(self.applicant.nka_owner_flag)
        self._noted(flag=True)
        self.assertFalse(self.applicant.nka_owner_hint)

    # ------------------------------------------------------------ reaches nobody
    def _doors(self, applicant, field):
        """Return the ways by which a client reaches a field of an applicant."""
        everybody, spec = applicant.browse(), {field: {}}
        known, grouped = [(field, "!=", False)], everybody.formatted_read_group
        largest = [(f"{field}:max", "!=", False)]
        return (
            lambda: applicant.read([field]),
            lambda: applicant.web_read(spec),
            lambda: everybody.search(known),
            lambda: everybody.search_count(known),
            lambda: everybody.search_read([], [field]),
            lambda: everybody.web_search_read([], spec),
            lambda: grouped([], [field], ["__count"]),
            lambda: grouped([], ["stage_id"], [f"{field}:array_agg"]),
            lambda: grouped([], ["stage_id"], [], having=largest),
            lambda: everybody.search([], order=field),
            lambda: applicant.export_data([field]),
            lambda: applicant.write({field: False}),
            lambda: applicant.onchange({}, [], spec),
            lambda: applicant.mapped(field),
            lambda: everybody.search_panel_select_range(field),
            lambda: everybody.name_search(domain=known),
        )

    def test_refused_to_an_interviewer_by_each_door(self):
        self._noted()
        applicant = self.applicant.with_user(self.interviewer)
        self.assertEqual(applicant.partner_name, "Anna Keller")
        for field in FIELDS:
            for number, door in enumerate(self._doors(applicant, field)):
                with self.subTest(field=field, door=number):
                    with self.refused((AccessError, UserError, ValueError)):
                        door()

    def test_refused_to_colleagues_without_access_to_applicants(self):
        self._noted()
        for user in (self.manager, self.supervisor, self.kam_admin, self.officer):
            for door in self._doors(self.applicant.with_user(user), "nka_owner_flag"):
                with self.refused((AccessError, UserError)):
                    door()

    def test_refused_by_the_paths_of_other_records(self):
        self._noted()
        linked = [
            (model._name, name)
            for model in self.env.values()
            if not (model._abstract or model._transient) and model._auto
            for name, field in model._fields.items()
            if field.comodel_name == "hr.applicant" and model._name != "hr.applicant"
        ]
        self.assertIn(("calendar.event", "applicant_id"), linked)
        for model, name in linked:
            records = self.env[model].with_user(self.interviewer)
            path = f"{name}.nka_owner_flag"
            with self.subTest(model=model):
                # Without rights of HR, Odoo reads public employees, who have none.
                with self.refused((AccessError, ValueError)):
                    records.search([(path, "!=", False)])
                with self.refused((AccessError, ValueError, UserError)):
                    records.formatted_read_group([], [path], ["__count"])

    def test_refused_in_the_text_of_an_email(self):
        self._noted()
        composers = self.env["mail.render.mixin"].with_user(self.interviewer)
        for engine, text in (
            ("inline_template", "{{ object.nka_five_years }}"),
            ("qweb", '<t t-out="object.nka_five_years"/>'),
        ):
            with self.refused((AccessError, UserError)):
                composers._render_template(
                    text, "hr.applicant", self.applicant.ids, engine=engine
                )

    def test_nobody_lists_or_exports_applicants_by_it(self):
        self._noted()
        allowed = self.env.ref("base.group_allow_export")
        self.recruiter.group_ids = [Command.link(allowed.id)]
        applicants = self.env["hr.applicant"].with_user(self.recruiter)
        applicant = applicants.browse(self.applicant.id)
        described = applicants.fields_get(["nka_owner_flag"])["nka_owner_flag"]
        for attribute in ("sortable", "groupable", "searchable", "exportable"):
            self.assertFalse(described[attribute], attribute)
        for door in (
            lambda: applicants.search([], order="nka_owner_flag desc"),
            lambda: applicants.formatted_read_group([], ["nka_owner_flag"]),
            lambda: applicants.formatted_read_group(
                [], ["job_id"], ["nka_owner_flag:bool_or"]
            ),
            lambda: applicant.export_data(["partner_name", "nka_owner_flag"]),
            lambda: applicant.job_id.export_data(["application_ids/nka_five_years"]),
        ):
            with self.refused(UserError, "on the application only"):
                door()
        self.assertEqual(applicant.nka_five_years, ANSWER)

    # ------------------------------------------------------------ where it is
    def test_found_in_one_table_only_and_nowhere_once_hired(self):
        answer = self.form._create_answer(
            partner=self.applicant.partner_id, applicant_id=self.applicant.id
        )
        answer.sudo()._save_lines(self.question, ANSWER)
        answer.sudo()._mark_done()
        self._noted()
        self.assertEqual(self._tables_with(ANSWER), {"hr_applicant"})
        copies = self.applicant.copy()
        pool = self.env["hr.talent.pool"].create({"name": "Later"})
        self.env["talent.pool.add.applicants"].create(
            {
                "talent_pool_ids": pool.ids,
                "applicant_ids": self.applicant.ids,
            }
        ).action_add_applicants_to_pool()
        copies |= self.applicant.pool_applicant_id
        self.assertEqual(len(copies), 2)
        self.assertFalse(any(copies.mapped("nka_five_years")))
        self.assertFalse(any(copies.mapped("nka_owner_flag")))
        employee = self._hire(self.applicant)
        self.assertEqual(
            employee.employee_skill_ids.skill_id,
            self.applicant.applicant_skill_ids.skill_id,
        )
        self.assertFalse(self._tables_with(ANSWER))

    def test_answers_leave_the_survey_whatever_comes_first(self):
        other = self.env["survey.question"].create(
            {
                "survey_id": self.form.id,
                "title": "And in ten years?",
                "question_type": "text_box",
            }
        )
        answer = self.form._create_answer(email="somebody@example.com")
        answer.sudo()._save_lines(other, "Ten years later")
        answer.sudo()._save_lines(self.question, ANSWER)
        self.assertEqual(self._tables_with(ANSWER), {"survey_user_input"})
        answer.applicant_id = self.applicant
        self.assertEqual(self.applicant.nka_five_years, ANSWER)
        surveyor = new_test_user(self.env, "surveyor", "survey.group_survey_manager")
        with self.refused(AccessError, "Only a recruiter"):
            self.question.with_user(surveyor).nka_five_years = False
        other.with_user(self.recruiter).sudo().nka_five_years = True
        self.assertIn("Ten years later", self.applicant.nka_five_years)
        self.assertEqual(self._tables_with(ANSWER), {"hr_applicant"})
        test = self.form._create_answer(test_entry=True, applicant_id=self.twin.id)
        test.sudo()._save_lines(self.question, "Only a test")
        self.assertFalse(self.twin.nka_five_years)

    # ------------------------------------------------------------ decisions
    def test_interviewer_hires_nobody(self):
        employee = self.env["hr.employee"].create({"name": "Somebody"})
        applicant = self.applicant.with_user(self.interviewer)
        with self.refused(AccessError, "Only a recruiter"):
            applicant.employee_id = employee.id
        with self.refused(AccessError):
            applicant.action_nka_drop_note("Because")

    def test_who_entered_it_does_not_decide(self):
        self.director.group_ids = [
            Command.link(self.env.ref("hr_recruitment.group_hr_recruitment_user").id)
        ]
        self._noted()
        self.applicant.with_user(self.director).nka_owner_flag = True
        with self.refused(AccessError, "another director"):
            self.applicant.with_user(self.director).action_nka_keep_note("Reason")

    def _hands(self, decision):
        """Return the ways by which a client tries to change a decision."""
        forged = decision.with_context(default_state="kept", default_decision="keep")
        return (
            lambda: decision.write({"state": "removed"}),
            lambda: decision.write({"note": "Another answer"}),
            lambda: decision.create({"reason": "x", "company_id": 1}),
            lambda: forged.create({"reason": "x"}),
            lambda: decision.copy(),
            lambda: decision.unlink(),
            lambda: decision.export_data(["note"]),
        )

    def test_decisions_are_made_by_the_buttons_only(self):
        self._noted()
        applicant = self.applicant.with_user(self.director)
        asked = applicant.action_nka_keep_note()
        self.assertEqual(asked["res_model"], "nka.reason.wizard")
        applicant.action_nka_keep_note("They told us themselves")
        decision = self.applicant.nka_owner_decision_ids
        for user in (self.director, self.recruiter):
            for door in self._hands(decision.with_user(user)):
                with self.refused((AccessError, UserError)):
                    door()
        for user in self._colleagues():
            with self.refused(AccessError):
                decision.with_user(user).read(["reason"])
        with self.refused(AccessError):
            decision.with_user(self.recruiter).action_remove("Because")
        events = self._events(decision)
        self.assertEqual(events.mapped("new"), ["waiting"])
        with self.refused(AccessError):
            events.with_user(self.supervisor).read(["note"])
        decision.with_user(self.director).action_remove("Not needed")
        self.assertEqual(decision.state, "removed")
        self.assertFalse(decision.note or decision.owner_flag)

    def test_removed_when_the_application_ended_long_ago(self):
        self._noted()
        self.applicant.with_user(self.director).action_nka_keep_note("Agreement made")
        self._noted(self.twin)
        long_ago = self.env.cr.now() - timedelta(days=190)
        reason = self.env["hr.applicant.refuse.reason"].search([], limit=1)
        for applicant, day in (
            (self.applicant, long_ago),
            (self.twin, self.env.cr.now()),
        ):
            applicant.write(
                {"refuse_reason_id": reason.id, "refuse_date": day, "active": False}
            )
        self.env["hr.applicant"]._nka_cron_empty_answers()
        self.assertFalse(self.applicant.nka_five_years)
        self.assertEqual(self.twin.nka_five_years, ANSWER)
        self.assertEqual(
            set(self.applicant.nka_owner_decision_ids.mapped("state")),
            {"withdrawn", "removed"},
        )
        self.twin.company_id.nka_answer_months = 0
        self.twin.refuse_date = long_ago
        self.env["hr.applicant"]._nka_cron_empty_answers()
        self.assertEqual(self.twin.nka_five_years, ANSWER)

    def test_earlier_application_of_the_same_person(self):
        earlier = self._noted(self._new_applicant("Anna Keller", active=False))
        namesake = self._noted(
            self._new_applicant("Anna Keller", email_from="other@example.com")
        )
        agency = self._noted(
            self._new_applicant("Dora Stein", email_from=self.applicant.email_from)
        )
        self._hire(self.applicant)
        self.assertFalse(earlier.nka_five_years)
        self.assertEqual(namesake.nka_five_years, ANSWER)
        self.assertEqual(agency.nka_five_years, ANSWER)

    def test_deleted_application_leaves_no_answer(self):
        self._noted()
        self.applicant.with_user(self.director).action_nka_keep_note("Agreement made")
        decision = self.applicant.nka_owner_decision_ids
        self.applicant.with_user(self.recruiter).unlink()
        self.assertEqual((decision.state, decision.note), ("removed", False))
        self.assertFalse(self._tables_with(ANSWER))

    # ------------------------------------------------------------ others
    def test_other_applicants_cost_no_query_more(self):
        view = self.env["hr.applicant"].with_user(self.recruiter)
        form = view.get_view(view_type="form")["arch"]
        names = [
            name for name in (*FIELDS, "nka_shown_decision_ids") if f'"{name}"' in form
        ]
        self.assertIn("nka_five_years", names)
        ours = {name: {} for name in [*names, "nka_is_profile"]}
        usual = {"partner_name": {}, "job_id": {"fields": {"display_name": {}}}}
        record = view.browse(self.other_applicant.id)
        counts = []
        for spec in (usual | ours, usual, usual | ours):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            record.web_read(spec)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[2], counts[1])
