"""Map the amounts of a statement to the lines of a payslip.

The total of a statement is the sum of these lines; each of its amounts goes into
exactly one of them.

===================== ================================================
``NKA_FIXED``         fixed pay of the month
``NKA_SOFT``          goal pay, in the last month of a season
``NKA_BONUS``         bonus earned by the credits of the month, less the
                      loyalty share that is held
``NKA_HELD_RELEASED`` fixed pay of closed months: released or adjusted
``NKA_RETRO``         clawbacks for earlier half-years, adjustments to
                      bonus and goal pay, and loyalty share that vests
``NKA_CARRY``         draw, paid or recovered
===================== ================================================
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

#: Code of a salary rule -> codes of the categories that it adds up.
SUMS = {
    "GROSS": ("BASIC", "ALW"),
    "NET": ("BASIC", "ALW", "DED"),
}

#: Names a company's own rules can use as ``payroll.nka.<name>``, besides ``month``.
SHOWN = (
    *PAID.values(),
    "total_amount",
    "held_amount",
    "credit_amount",
    "held_credits",
    "loyalty_amount",
    "loyalty_held",
    "balance",
    "employed_days",
    "covered_days",
    "unpaid_days",
    "unpaid_leave",
)

#: Code of the worked days that give unpaid leave to a company's own rules.
UNPAID_DAYS = "NKA_UNPAID"
