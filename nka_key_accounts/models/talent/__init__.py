from . import nka_kpi
from . import nka_manager_start
from . import nka_mentorship
from . import nka_mentorship_step
from . import nka_mentorship_step_kind
from . import nka_work_report_fact
