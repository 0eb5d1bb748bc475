from . import hr_job
from . import ir_actions_report
from . import nka_audit_verification
from . import nka_job_description
from . import nka_job_description_line
from . import nka_job_offer
