from . import ir_attachment
from . import nka_kpi
from . import nka_manager_page
from . import nka_pay_market
from . import nka_promise
from . import res_company
