"""Payslips of locked statements from creation to confirmation, compared with the
payroll engine alone in the same run.
"""

import os

from benchmarks.stage import Result

COUNTS = (10, 100, 500, 1000)
#: The engine's confirmation is quadratic; at 1,000 it takes most of an hour. Even at
#: 500 it is most of the run: STOCK_LIMIT=0 skips it.
STOCK_LIMIT = int(os.environ.get("STOCK_LIMIT", 500))
BAR = 10
#: The cost per payslip must not grow from ten to a thousand; the first run fills the
#: caches.
FLAT_BAR = 1.0


def measure(stage):
    """Return queries and milliseconds per payslip, for 10, 100, 500 and 1,000."""
    database, _seconds = stage.with_addon(stage.empty())
    told = stage.in_odoo(
        database,
        "payslips.py",
        COUNTS=",".join(map(str, COUNTS)),
        STOCK_LIMIT=str(STOCK_LIMIT),
    )
    results = []
    for count in COUNTS:
        results += _pair(told, count)
    flat = told[f"ours_{COUNTS[-1]}"] / told[f"ours_{COUNTS[0]}"]
    return [
        *results,
        Result("payslips, queries each: 1,000 to 10", flat, "×", FLAT_BAR),
        Result("payslips: memory of the process before", told["memory_at_rest"], "MB"),
        *(
            Result(f"payslips, {count:,}: peak memory", told[f"memory_{count}"], "MB")
            for count in COUNTS
        ),
    ]


def _pair(told, count):
    names = [("ours", "payslips", BAR), ("stock", "the engine alone", None)]
    return [
        result
        for key, name, bar in names
        if f"{key}_{count}" in told
        for result in (
            Result(f"{name}, {count:,}: queries each", told[f"{key}_{count}"], "", bar),
            Result(f"{name}, {count:,}: time each", told[f"{key}_ms_{count}"], "ms"),
        )
    ]
