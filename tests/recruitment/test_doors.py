"""What colleagues try on applications by RPC: past the form, in two steps, too late."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user

from .common import ANSWER, DIRECTOR, RECRUITER, RecruitmentCase


class TestDoors(RecruitmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.both = new_test_user(cls.env, "nka_both", f"{DIRECTOR},{RECRUITER}")
        cls.employee = cls.env["hr.employee"].create({"name": "Somebody"})

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
