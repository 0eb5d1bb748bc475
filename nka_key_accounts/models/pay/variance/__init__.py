from . import nka_pay_statement
from . import nka_pay_variance
