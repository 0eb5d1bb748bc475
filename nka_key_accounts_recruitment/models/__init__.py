from . import hr_applicant
from . import hr_job
from . import nka_applicant_claim
from . import nka_applicant_claim_check
from . import nka_applicant_claim_decision
from . import nka_applicant_comparison
