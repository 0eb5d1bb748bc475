from . import nka_bonus_head
from . import nka_bonus_touched
from . import nka_bonus_line
from . import nka_bonus_builder
from . import account_partial_reconcile
from . import account_payment
from . import nka_bonus_check
from . import nka_bonus_check_line
