"""The month-end close for 10, 100 and 1,000 managers, from the ledger to the locked
payslips.
"""

from benchmarks.stage import Result

ACCOUNTS = 2000
COUNTS = (10, 100, 1000)
STEPS = ("calculate", "approve", "lock", "slips")
#: Rows are written in batches of a hundred, so each additional employee costs a
#: fraction of a query per step.
BARS = {"calculate": 1, "approve": 1, "lock": 1, "slips": 10}


def measure(stage):
    """Return seconds and queries of each step, and the queries of an additional
    manager.
    """
    database, _seconds = stage.with_addon(stage.filled())
    told = stage.in_odoo(
        database,
        "close.py",
        ACCOUNTS=str(ACCOUNTS),
        COUNTS=",".join(map(str, COUNTS)),
    )
    results = []
    for count in COUNTS:
        results += _of_count(told, count)
    at_rest = Result(
        "close: memory of the process before", told["memory_at_rest"], "MB"
    )
    return [*results, at_rest, *_further(told)]


def _of_count(told, count):
    seconds = sum(told[f"{step}_seconds_{count}"] for step in STEPS)
    return [
        Result(f"close of {count:,}: credits of the month", told[f"lines_{count}"]),
        *(
            Result(f"close of {count:,}: {step}, {unit}", told[key], short)
            for step in STEPS
            for unit, short in (("seconds", "s"), ("queries", ""))
            if (key := f"{step}_{unit}_{count}") in told
        ),
        Result(f"close of {count:,}: all, each", 1000 * seconds / count, "ms"),
        Result(f"close of {count:,}: peak memory", told[f"memory_{count}"], "MB"),
    ]


def _further(told):
    """Return the queries of one additional manager, from the fewest to the most
    managers.
    """
    few, many = COUNTS[0], COUNTS[-1]
    return [
        Result(
            f"close, {step}: queries of a further manager",
            (told[f"{step}_queries_{many}"] - told[f"{step}_queries_{few}"])
            / (many - few),
            "",
            bar,
        )
        for step, bar in BARS.items()
    ]
