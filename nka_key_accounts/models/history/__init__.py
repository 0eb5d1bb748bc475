from . import res_company
from . import nka_sales_history
from . import nka_sales_touched
from . import nka_key_account
