from . import nka_account_report
from . import nka_pay_report
from . import spreadsheet_dashboard_share
