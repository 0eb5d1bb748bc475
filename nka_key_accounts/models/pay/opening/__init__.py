from . import nka_pay_opening
from . import nka_pay_opening_steps
from . import nka_pay_statement
