from . import nka_key_account
from . import nka_health_weight
from . import nka_health_history
from . import nka_contact_log
