from . import nka_credit_rating
from . import nka_qualification_criterion
from . import nka_qualification_score
from . import nka_qualification
from . import nka_key_account
from . import nka_handover
from . import nka_audit_verification
