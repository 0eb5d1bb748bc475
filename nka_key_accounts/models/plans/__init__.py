from . import nka_account_plan
from . import nka_account_plan_objective
from . import nka_account_plan_action
from . import nka_whitespace_line
from . import nka_growth_suggestion
from . import nka_key_account
from . import nka_handover
from . import nka_handover_line
