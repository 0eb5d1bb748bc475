from . import nka_stakeholder
from . import nka_key_account
from . import res_partner
from . import nka_handover
from . import base_partner_merge_automatic_wizard
