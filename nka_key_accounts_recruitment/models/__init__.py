from . import hr_applicant
from . import hr_job
from . import nka_owner_decision
from . import nka_settings_mixin
from . import res_company
from . import survey_question
from . import survey_user_input
from . import survey_user_input_line
