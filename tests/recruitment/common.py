"""Applicants for the position of a key account manager, and whoever deals with them."""

from odoo.tests import new_test_user, tagged

from ..common import NkaCase

#: What nobody but recruiters and directors may learn.
ANSWER = "In five years I want to run my own business, the Quokka brewery."
RECRUITER = "hr_recruitment.group_hr_recruitment_user"
INTERVIEWER = "hr_recruitment.group_hr_recruitment_interviewer"
MANAGER = "nka_key_accounts.group_key_account_manager"
DIRECTOR = "nka_key_accounts.group_key_account_director"


@tagged("nka_recruitment")
class RecruitmentCase(NkaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.recruiter = new_test_user(
            cls.env, "nka_recruiter", f"{RECRUITER},hr.group_hr_user"
        )
        cls.director = new_test_user(cls.env, "nka_director", DIRECTOR)
        # An interviewer is often a manager: the applicant's colleague to be.
        cls.interviewer = new_test_user(
            cls.env, "nka_interviewer", f"{INTERVIEWER},{MANAGER}"
        )
        cls.job = cls.env.ref("nka_key_accounts.job_key_account_manager")
        cls.form = cls.env.ref(
            "nka_key_accounts_recruitment.survey_key_account_manager"
        )
        cls.question = cls.env.ref(
            "nka_key_accounts_recruitment.survey_question_five_years"
        )
        cls.department = cls.env["hr.department"].create({"name": "Key accounts"})
        cls.job.department_id = cls.department
        cls.other_job = cls.env["hr.job"].create({"name": "Accountant"})
        cls.applicant = cls._new_applicant("Anna Keller")
        cls.other_applicant = cls._new_applicant("Boris Lang", job_id=cls.other_job.id)

    @classmethod
    def _new_applicant(cls, name, **vals):
        login = name.split()[0].lower()
        return cls.env["hr.applicant"].create(
            {
                "partner_name": name,
                "email_from": f"{login}@applicants.example.com",
                "job_id": cls.job.id,
                "interviewer_ids": [(6, 0, cls.interviewer.ids)],
                **vals,
            }
        )

    @classmethod
    def _noted(cls, applicant=None, flag=True):
        """Enter the answer, and set the mark, as the recruiter."""
        applicant = applicant or cls.applicant
        applicant.with_user(cls.recruiter).write(
            {"nka_five_years": ANSWER, "nka_owner_flag": flag}
        )
        return applicant

    def _hire(self, applicant):
        """Create the employee with Odoo's own button, as the recruiter."""
        action = applicant.with_user(self.recruiter).create_employee_from_applicant()
        return self.env["hr.employee"].browse(action["res_id"])
