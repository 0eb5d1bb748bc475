"""From the application to the confirmed manager, in the browser and by each role."""

from odoo.tests import HttpCase, new_test_user, tagged

from ..newcomers.test_path import PathCase
from .common import ANSWER, MANAGER, RECRUITER


@tagged("nka_recruitment", "nka_tours")
class TestHiredToConfirmed(PathCase, HttpCase):
    def _tour(self, record, name, user):
        url = f"/odoo/{record._name}/{record.id}"
        self.start_tour(url, name, login=user.login)
        self.env.invalidate_all()

    def test_applicant_to_confirmed_manager(self):
        recruiter = new_test_user(
            self.env, "nka_recruiter", f"{RECRUITER},hr.group_hr_user"
        )
        applicant = self.env["hr.applicant"].create(
            {
                "partner_name": "Anna Keller",
                "email_from": "anna@applicants.example.com",
                "job_id": self.env.ref("nka_key_accounts.job_key_account_manager").id,
                "stage_id": self.env.ref("hr_recruitment.stage_job5").id,
                "nka_five_years": ANSWER,
            }
        )
        self._tour(applicant, "nka_hire", recruiter)
        employee = applicant.employee_id
        self.assertEqual(employee.name, "Anna Keller")
        self.assertFalse(applicant.nka_five_years or applicant.nka_owner_flag)
        start = self.env["nka.manager.start"].search(
            [("employee_id", "=", employee.id)]
        )
        self.assertEqual((start.way, start.state), ("hired", "preparing"))

        # An administrator gives them a user and the role, a supervisor a first client.
        newcomer = new_test_user(self.env, "nka_newcomer", MANAGER)
        employee.user_id = newcomer
        account = self._key_account(self._new_client("Harbor Cranes"), newcomer)
        path = self.path.with_user(self.supervisor).create(
            {"mentor_id": self.mentor.id, "mentee_id": newcomer.id}
        )
        step = self._step("minutes", path)
        self._document(
            "minutes",
            user=newcomer,
            reviewer=self.supervisor_2,
            key_account_id=account.id,
        )
        self._rpc(newcomer, path, "action_find_proofs")
        self.assertEqual(step.state, "proven", step.missing)
        self._tour(path, "nka_confirm_hired", self.supervisor)
        self.assertEqual((path.state, start.state), ("confirmed", "working"))
        self.assertEqual((start.way, start.confirmed_by_id), ("hired", self.supervisor))
