from . import crm_lead
from . import nka_day
from . import nka_handover
from . import nka_key_account
from . import nka_mentorship
from . import nka_timeline_entry
from . import nka_month_close
from . import res_users
