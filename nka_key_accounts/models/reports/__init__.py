from . import nka_work_report
from . import nka_work_report_steps
from . import nka_work_report_fact
from . import nka_work_report_sources
from . import nka_work_report_job
from . import nka_work_report_coverage
