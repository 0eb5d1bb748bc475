from . import nka_handover
from . import nka_handover_outcome
from . import nka_key_account
