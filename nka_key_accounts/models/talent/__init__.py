from . import hr_employee
from . import hr_employee_skill
from . import hr_skill
from . import hr_skill_level
from . import nka_manager_start
from . import nka_skill_assessment
from . import nka_skill_assessment_line
from . import nka_skill_behavior
