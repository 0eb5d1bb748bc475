from . import figure_sources
from . import res_company
from . import nka_sales_history
from . import nka_key_account
from . import res_partner
from . import account_move
