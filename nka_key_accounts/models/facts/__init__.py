from . import figure_sources
from . import res_company
from . import calendar_event
from . import nka_sales_history
from . import nka_key_account
