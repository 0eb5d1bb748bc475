from . import nka_pay_statement
from . import nka_pay_statement_line
from . import nka_pay_statement_facts
from . import nka_pay_statement_calculate
from . import nka_pay_statement_steps
from . import nka_pay_dispute
from . import nka_pay_course
from . import nka_pay_forecast
