"""What colleagues try on applications by RPC: past the form, in two steps, too late."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .common import ANSWER, DIRECTOR, INTERVIEWER, RECRUITER, RecruitmentCase


class TestDoors(RecruitmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.both = new_test_user(cls.env, "nka_both", f"{DIRECTOR},{RECRUITER}")
        cls.employee = cls.env["hr.employee"].create({"name": "Somebody"})

    def test_who_entered_it_stays_on_record(self):
        mine = self.applicant.with_user(self.both)
        for vals in (
            {"nka_owner_set_by_id": self.recruiter.id},
            {"nka_owner_set_by_id": False},
        ):
            with self.subTest(vals=vals):
                mine.nka_five_years = ANSWER
                try:
                    mine.write(vals)
                except (AccessError, UserError):
                    pass
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
