from . import hr_applicant
from . import hr_job
from . import nka_owner_decision
from . import survey_question
from . import survey_user_input
from . import survey_user_input_line
