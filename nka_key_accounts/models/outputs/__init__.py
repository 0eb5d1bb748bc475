from . import res_company
from . import nka_month_close
from . import nka_pay_statement
from . import nka_pay_statement_mail
from . import mail_mail
from . import nka_month_close_output
from . import report_month_close
