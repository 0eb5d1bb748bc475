from . import base_partner_merge_automatic_wizard
from . import nka_key_account
from . import nka_stakeholder
from . import nka_voice_answer
from . import nka_voice_refusal
from . import nka_voice_round
from . import rating_rating
from . import res_company
