from . import digest_digest
from . import nka_account_week
from . import nka_key_account
from . import nka_overview
from . import nka_pay_total
from . import nka_week_change
from . import res_company
from . import res_users
