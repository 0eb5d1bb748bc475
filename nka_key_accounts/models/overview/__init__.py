from . import nka_pay_total
