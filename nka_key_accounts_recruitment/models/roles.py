"""Who reads what an applicant says about their own plans."""

from odoo.addons.nka_key_accounts.models.trail.roles import DIRECTOR

INTERVIEWER = "hr_recruitment.group_hr_recruitment_interviewer"
RECRUITER = "hr_recruitment.group_hr_recruitment_user"
#: Not the interviewers: they can be managers, the applicant's colleagues to be.
CARE = f"{RECRUITER},{DIRECTOR}"
