"""Two applicants for one position, with recruiters, an interviewer and a director."""

from odoo import Command
from odoo.tests import new_test_user

from ..common import NkaCase

RECRUITER = "hr_recruitment.group_hr_recruitment_user"
INTERVIEWER = "hr_recruitment.group_hr_recruitment_interviewer"
DIRECTOR = "nka_key_accounts.group_key_account_director"


class ApplicantsCase(NkaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        users = {"recruiter": RECRUITER, "recruiter_2": RECRUITER}
        users |= {"interviewer": INTERVIEWER, "interviewer_2": INTERVIEWER}
        users |= {"director": DIRECTOR}
        for name, group in users.items():
            user = new_test_user(cls.env, f"nka_{name}", group, name=name.title())
            setattr(cls, name, user)
        cls.job = cls.env["hr.job"].create(
            {"name": "Key account manager", "nka_is_profile": True}
        )
        cls.first, cls.second = cls.env["hr.applicant"].create(
            [
                {
                    "partner_name": name,
                    "job_id": cls.job.id,
                    "company_id": cls.env.company.id,
                    "interviewer_ids": [Command.set(cls.interviewer.ids)],
                }
                for name in ("Anna Larsen", "Boris Kim")
            ]
        )

    @classmethod
    def _claim(cls, applicant=None, user=None, **vals):
        """Return a claim entered by a recruiter."""
        claims = cls.env["nka.applicant.claim"].with_user(user or cls.recruiter)
        claim = claims.create(
            {
                "applicant_id": (applicant or cls.first).id,
                "name": "Won the supply contract",
                "client": "Northwind Steel",
                "amount": 2000000,
                "period": "2023",
                **vals,
            }
        )
        return claim.with_user(cls.env.user)

    def _decide(self, claim, result="verified", user=None, method="document"):
        claim.with_user(user or self.recruiter).action_decide(
            result, method, "Saw the contract"
        )
