from . import report_month_close
from . import report_pay_statement
