from . import res_company
from . import crm_lead
from . import nka_day
from . import nka_key_account
from . import nka_handover
