from . import nka_work_report
from . import nka_work_report_fact
from . import calendar_event
from . import nka_audit_verification
