from . import crm_lead
from . import nka_day
from . import nka_handover
from . import nka_key_account
from . import nka_mentorship
from . import sale_order
