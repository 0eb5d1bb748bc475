"""How a pay statement becomes lines of a payslip, said once.

A statement's total is the sum of what these codes pay; each amount of the
statement goes into exactly one of them.

=================== ======================================================
``NKA_FIXED``        fixed pay of the month
``NKA_SOFT``         soft pay, in a season's last month
``NKA_BONUS``        bonus earned by the month's credits
``NKA_HELD_RELEASED`` fixed pay of closed months: released, or corrected
``NKA_RETRO``        bonus taken back for earlier half-years, and corrections of
                     bonus and soft pay
``NKA_CARRY``        advance on the bonus, paid or paid back
=================== ======================================================
"""

#: Code of a salary rule -> field of nka.pay.statement that it pays.
PAID = {
    "NKA_FIXED": "fixed_amount",
    "NKA_SOFT": "soft_amount",
    "NKA_BONUS": "bonus_amount",
    "NKA_HELD_RELEASED": "released_amount",
    "NKA_RETRO": "correction_amount",
    "NKA_CARRY": "carry_amount",
}

#: Code of a salary rule -> codes of the categories that it sums up.
SUMS = {
    "GROSS": ("BASIC", "ALW"),
    "NET": ("BASIC", "ALW", "DED"),
}

#: What a company's own rules find as ``payroll.nka.<name>``, beside ``month``.
SHOWN = (
    *PAID.values(),
    "total_amount",
    "held_amount",
    "credit_amount",
    "balance",
    "employed_days",
    "covered_days",
    "unpaid_days",
    "unpaid_leave",
)

#: Code of the worked days by which a company's own rules find days of unpaid leave.
UNPAID_DAYS = "NKA_UNPAID"
