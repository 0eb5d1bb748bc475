from . import crm_lead
from . import crm_team
from . import calendar_event
from . import nka_key_account
from . import res_partner
from . import base_partner_merge_automatic_wizard
from . import nka_handover
from . import nka_handover_line
