from . import res_company
from . import res_users
from . import nka_reading_day
from . import nka_reading_restriction
from . import nka_reading_alert
from . import nka_reading
from . import nka_audit_verification
from . import mail_mail
