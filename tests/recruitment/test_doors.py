"""What colleagues try on applications by RPC: past the form, in two steps, too late."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import new_test_user

from .common import ANSWER, DIRECTOR, INTERVIEWER, RECRUITER, RecruitmentCase


class TestDoors(RecruitmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.both = new_test_user(cls.env, "nka_both", f"{DIRECTOR},{RECRUITER}")
        cls.employee = cls.env["hr.employee"].create({"name": "Somebody"})

    # ------------------------------------------------------------ who decides
    def test_who_entered_it_stays_on_record(self):
        mine = self.applicant.with_user(self.both)
        for vals in (
            {"nka_owner_set_by_id": self.recruiter.id},
            {"nka_owner_set_by_id": False},
        ):
            with self.subTest(vals=vals):
                mine.nka_five_years = ANSWER
                with self.refused(AccessError, "recorded by the system"):
                    mine.write(vals)
                with self.refused(AccessError, "another director"):
                    mine.action_nka_keep_note("Reason")
        forged = self.env["hr.applicant"].with_user(self.both)
        forged = forged.with_context(default_nka_owner_set_by_id=self.recruiter.id)
        new = {"partner_name": "New", "job_id": self.job.id, "nka_five_years": "Mine"}
        for applicants, vals in (
            (forged, new),
            (forged, new | {"nka_owner_set_by_id": self.recruiter.id}),
        ):
            applicant = applicants.create(vals)
            self.assertEqual(applicant.nka_owner_set_by_id, self.both)

    def test_edited_by_a_colleague_afterwards(self):
        mine = self.applicant.with_user(self.both)
        mine.nka_five_years = ANSWER
        self.applicant.with_user(self.recruiter).nka_owner_flag = True
        with self.refused(AccessError, "another director"):
            mine.action_nka_keep_note("Reason")
        self.applicant.with_user(self.director).action_nka_keep_note("Reason")

    def test_decision_outlives_the_field(self):
        self._noted()
        self.applicant.with_user(self.director).action_nka_keep_note("Agreement made")
        self.applicant.with_user(self.recruiter).write(
            {"nka_five_years": False, "nka_owner_flag": False}
        )
        employee = self._hire(self.applicant)
        decision = self.applicant.nka_owner_decision_ids
        self.assertEqual((decision.state, decision.employee_id), ("kept", employee))
        self.assertEqual(decision.note, ANSWER)

    def test_blank_reasons_are_asked_for(self):
        self._noted()
        applicant = self.applicant.with_user(self.director)
        claim = self.env["nka.applicant.claim"].with_user(self.recruiter)
        claim = claim.create({"applicant_id": self.applicant.id, "name": "A deal"})
        claim.action_decide("verified", "document", "Seen")
        steps = [
            applicant.action_nka_keep_note,
            applicant.action_nka_drop_note,
            claim.action_reopen,
        ]
        for step in steps:
            self.assertEqual(step(" ")["res_model"], "nka.reason.wizard")
        applicant.action_nka_keep_note("Agreement made")
        decision = applicant.nka_owner_decision_ids
        self.assertEqual(decision.action_remove(" ")["res_model"], "nka.reason.wizard")

    # ------------------------------------------------------------ after hiring
    def test_nothing_is_entered_after_hiring(self):
        self._hire(self.applicant)
        with self.refused(UserError, "employee"):
            self.applicant.with_user(self.recruiter).nka_five_years = ANSWER
        with self.refused(UserError, "employee"):
            self.applicant.with_user(self.recruiter).nka_owner_flag = True
        with self.refused(UserError, "employee"):
            self.env["hr.applicant"].with_user(self.recruiter).create(
                {
                    "partner_name": "New",
                    "job_id": self.job.id,
                    "employee_id": self.employee.id,
                    "nka_five_years": ANSWER,
                }
            )
        answer = self.form.sudo()._create_answer(applicant_id=self.applicant.id)
        answer._save_lines(self.question, ANSWER)
        self.assertFalse(self.applicant.nka_five_years)
        self.assertFalse(answer.nka_five_years)
        self.applicant.with_user(self.recruiter).partner_name = "Anna Keller-Lang"

    def test_interviewer_hires_nobody_in_two_steps(self):
        self._noted()
        hr = new_test_user(
            self.env, "nka_hr_interviewer", f"{INTERVIEWER},hr.group_hr_user"
        )
        self.applicant.interviewer_ids += hr
        mine = self.applicant.with_user(hr)
        employee = self.employee.with_user(hr)
        for number, door in enumerate(
            (
                lambda: mine.write({"employee_id": employee.id}),
                lambda: employee.write({"applicant_ids": [Command.link(mine.id)]}),
                lambda: employee.create({"name": "B", "applicant_ids": mine.ids}),
                lambda: mine.create_employee_from_applicant(),
                lambda: mine.write({"job_id": self.other_job.id}),
                lambda: mine.write({"job_id": False}),
            )
        ):
            with self.subTest(door=number), self.refused((AccessError, UserError)):
                door()
        self.assertEqual(self.applicant.nka_five_years, ANSWER)
        self.other_applicant.interviewer_ids += hr
        other = self.other_applicant.with_user(hr)
        other.job_id = False
        other.job_id = self.other_job
        other.employee_id = employee

    # ------------------------------------------------------------ kept how long
    def test_application_that_goes_on_keeps_its_answer(self):
        self._noted()
        long_ago = self.env.cr.now() - timedelta(days=400)
        reason = self.env["hr.applicant.refuse.reason"].search([], limit=1)
        self.applicant.write(
            {"refuse_reason_id": reason.id, "refuse_date": long_ago, "active": False}
        )
        self.applicant.action_unarchive()
        self.env["hr.applicant"]._nka_cron_empty_answers()
        self.assertEqual(self.applicant.nka_five_years, ANSWER)
        self.applicant.with_user(self.interviewer).refuse_date = long_ago
        self.env["hr.applicant"]._nka_cron_empty_answers()
        self.assertEqual(self.applicant.nka_five_years, ANSWER)

    def test_answer_that_nobody_asked_for_isnt_kept_for_ever(self):
        answer = self.form.sudo()._create_answer(email="somebody@example.com")
        answer._save_lines(self.question, ANSWER)
        self.env["hr.applicant"]._nka_cron_empty_answers()
        self.assertEqual(answer.nka_five_years, ANSWER)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE survey_user_input SET create_date = %s WHERE id = %s",
            [self.env.cr.now() - timedelta(days=400), answer.id],
        )
        self.env.invalidate_all()
        self.env["hr.applicant"]._nka_cron_empty_answers()
        self.assertFalse(answer.nka_five_years)

    # ------------------------------------------------------------ who reads
    def test_directors_read_skills_of_key_account_managers_only(self):
        skill = self.env.ref("nka_key_accounts.skill_business")
        for applicant in self.applicant + self.other_applicant:
            applicant.applicant_skill_ids = [
                Command.create(
                    {
                        "skill_type_id": skill.skill_type_id.id,
                        "skill_id": skill.id,
                        "skill_level_id": self.env.ref(
                            "nka_key_accounts.skill_level_good"
                        ).id,
                    }
                )
            ]
        skills = self.env["hr.applicant.skill"].with_user(self.director).search([])
        self.assertIn(self.applicant, skills.applicant_id)
        self.assertNotIn(self.other_applicant.id, skills.sudo().applicant_id.ids)
        with self.refused(AccessError):
            self.other_applicant.applicant_skill_ids.with_user(self.director).read()

    def test_comparison_names_nobody_else(self):
        stranger = self._new_applicant("Zelda Unknown", interviewer_ids=[])
        pages = self.env["nka.applicant.comparison"]
        for user in (self.interviewer, self.director):
            with self.refused(AccessError):
                page = pages.with_user(user).create(
                    {
                        "first_id": self.applicant.id,
                        "second_id": self.other_applicant.id
                        if user == self.director
                        else stranger.id,
                    }
                )
                page.web_read({"second_id": {"fields": {"display_name": {}}}})
            page = pages.with_user(user).create({"first_id": self.applicant.id})
            with self.refused(AccessError):
                page.second_id = (
                    self.other_applicant if user == self.director else stranger
                ).id

    def test_domains_that_skip_access_rights(self):
        self._noted()
        for model, path in (
            ("hr.job", "application_ids"),
            ("calendar.event", "applicant_id"),
            ("hr.talent.pool", "talent_ids"),
        ):
            records = self.env[model].with_user(self.interviewer)
            for operator in ("any", "not any", "any!", "not any!"):
                with self.subTest(model=model, operator=operator):
                    with self.refused((AccessError, ValueError, UserError)):
                        records.search(
                            [(path, operator, [("nka_owner_flag", "=", True)])]
                        )

    def test_decisions_arent_exported_with_applicants(self):
        allowed = self.env.ref("base.group_allow_export")
        self.recruiter.group_ids = [Command.link(allowed.id)]
        self._noted()
        self.applicant.with_user(self.director).action_nka_keep_note("Reason")
        mine = self.applicant.with_user(self.recruiter)
        for path in (
            "nka_owner_decision_ids/reason",
            "nka_owner_decision_ids/decision",
            "pool_applicant_id/nka_five_years",
        ):
            with self.subTest(path=path), self.refused(UserError):
                self.applicant.pool_applicant_id = self.applicant.copy()
                mine.export_data(["partner_name", path])
        with self.refused((UserError, ValueError)):
            mine.search([], order="pool_applicant_id.nka_owner_flag")
        with self.refused((UserError, ValueError)):
            mine.formatted_read_group([], ["pool_applicant_id.nka_owner_flag"])

    def test_applicants_are_exported_with_other_records(self):
        allowed = self.env.ref("base.group_allow_export")
        self.recruiter.group_ids = [Command.link(allowed.id)]
        self.applicant.with_user(self.recruiter).nka_five_years = ANSWER
        self.applicant.with_user(self.director).action_nka_keep_note("Reason")
        job = self.job.with_user(self.recruiter)
        rows = job.export_data(["name", "application_ids/partner_name"])["datas"]
        self.assertIn(["Key account manager", "Anna Keller"], rows)
        decision = self.applicant.nka_owner_decision_ids
        self.director.group_ids = [Command.link(allowed.id)]
        rows = decision.with_user(self.director).export_data(
            ["reason", "applicant_id/partner_name", "applicant_id/job_id/name"]
        )
        self.assertEqual(rows["datas"][0][:2], ["Reason", "Anna Keller"])

    def test_decisions_through_the_application(self):
        self._noted()
        self.applicant.with_user(self.director).action_nka_keep_note("Reason")
        decision = self.applicant.nka_owner_decision_ids
        mine = self.applicant.with_user(self.recruiter)
        for command in (
            Command.create({"decision": "keep", "reason": "x"}),
            Command.update(decision.id, {"state": "removed"}),
            Command.unlink(decision.id),
            Command.delete(decision.id),
            Command.clear(),
        ):
            with self.subTest(command=command):
                with self.refused((AccessError, UserError)):
                    mine.write({"nka_owner_decision_ids": [command]})
        self.assertEqual(decision.state, "waiting")

    def test_template_of_a_colleague_reads_no_answer(self):
        """Whoever moves the applicant on lends the template their own rights."""
        self._noted()
        editor = self.env.ref("mail.group_mail_template_editor")
        self.interviewer.group_ids = [Command.link(editor.id)]
        templates = self.env["mail.template"].with_user(self.interviewer)
        model = self.env["ir.model"]._get_id("hr.applicant")
        for vals in (
            {"body_html": '<p t-out="object.nka_five_years"/>'},
            {"body_html": "<p t-out=\"object['nka_owner_flag']\"/>"},
            {"subject": "{{ object.nka_five_years }}"},
            {"email_to": "{{ object.nka_owner_flag and 'me@example.com' }}"},
        ):
            with self.subTest(vals=vals), self.refused((AccessError, UserError)):
                templates.create({"name": "T", "model_id": model, **vals})

    # ------------------------------------------------------------ same person
    def test_talents_and_spellings_of_the_same_person(self):
        pool = self.env["hr.talent.pool"].create({"name": "Later"})
        self.env["talent.pool.add.applicants"].create(
            {"talent_pool_ids": pool.ids, "applicant_ids": self.applicant.ids}
        ).action_add_applicants_to_pool()
        talent = self.applicant.pool_applicant_id
        self._noted(talent)
        spaced = self._noted(self._new_applicant("anna  keller "))
        spaced.email_from = self.applicant.email_from
        self._hire(self.applicant)
        self.assertFalse(talent.nka_five_years)
        self.assertFalse(spaced.nka_five_years)

    def test_claims_written_past_the_buttons(self):
        claim = self.env["nka.applicant.claim"].with_user(self.interviewer)
        claim = claim.create({"applicant_id": self.applicant.id, "name": "A deal"})
        company = self.env["res.company"].create({"name": "Another"})
        for vals in (
            {"has_referee": True},
            {"company_id": company.id},
            {"company_id": False},
            {"checked_by_id": self.recruiter.id},
            {"interviewer_ids": [Command.clear()]},
            {"check_ids": [Command.create({"result": "verified", "evidence": "x"})]},
        ):
            for user in (self.interviewer, self.recruiter):
                with self.subTest(vals=vals, user=user.login):
                    with self.refused((AccessError, UserError)):
                        claim.with_user(user).write(vals)
        mine = self.applicant.with_user(self.recruiter)
        for command in (
            Command.update(claim.id, {"state": "verified"}),
            Command.create({"name": "B", "state": "verified"}),
        ):
            with self.refused((AccessError, UserError)):
                mine.write({"nka_claim_ids": [command]})
        other = Domain("referee_name", "!=", False)
        with self.refused((AccessError, ValueError)):
            claim.search(other)
        with self.refused((AccessError, ValueError)):
            mine.with_user(self.interviewer).search([("nka_claim_ids", "any", other)])

    def test_recruiter_who_applies_checks_no_claim_of_their_own(self):
        self.recruiter.email = "rec@example.com"
        self.applicant.email_from = "rec@example.com"
        claim = self.env["nka.applicant.claim"].with_user(self.recruiter)
        claim = claim.create({"applicant_id": self.applicant.id, "name": "A deal"})
        self.applicant.with_user(self.recruiter).write(
            {"email_from": "other@example.com", "partner_id": False}
        )
        with self.refused(AccessError, "another recruiter"):
            claim.action_decide("verified", "document", "Seen")
        self.assertFalse(claim.may_decide)
