from . import nka_account_group
from . import nka_key_account
