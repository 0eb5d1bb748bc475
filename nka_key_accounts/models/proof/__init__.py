from . import nka_audit_verification
from . import nka_audit_verification_line
from . import nka_audit_seal
from . import nka_seal_check
from . import nka_audit_head
from . import nka_audit_event
from . import nka_state_mixin
from . import res_users
