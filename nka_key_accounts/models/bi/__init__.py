from . import nka_audit_verification
from . import nka_bi_grant
