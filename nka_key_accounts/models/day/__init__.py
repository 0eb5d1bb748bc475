from . import crm_lead
from . import mail_activity_plan
from . import mail_activity_plan_template
from . import nka_day
from . import nka_handover
from . import nka_key_account
from . import nka_mentorship
