from . import nka_database
from . import nka_audit_seal
from . import nka_audit_verification
from . import nka_month_close
from . import nka_payslip_job
from . import nka_setup
from . import mail_mail
