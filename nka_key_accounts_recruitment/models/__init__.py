from . import hr_applicant
