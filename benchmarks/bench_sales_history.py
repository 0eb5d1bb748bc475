"""The sales history of 2,000 accounts: built in two queries, opened at once; and their
health in one pass.
"""

from benchmarks.stage import Result

ACCOUNTS = 2000
OPEN_BAR = 1.0


def measure(stage):
    """Build the history, open it as the pivot view does for a manager and a supervisor,
    and score the health.
    """
    database, _seconds = stage.with_addon(stage.filled())
    told = stage.in_odoo(database, "sales_history.py", ACCOUNTS=str(ACCOUNTS))
    return [
        Result("sales history, rows", told["rows"], ""),
        Result("sales history, made from nothing", told["build_seconds"], "s"),
        Result("sales history, statements to make it", told["build_queries"], ""),
        Result(
            "sales history, opened by a supervisor",
            told["supervisor_seconds"],
            "s",
            OPEN_BAR,
        ),
        Result(
            "sales history, opened by a manager",
            told["manager_seconds"],
            "s",
            OPEN_BAR,
        ),
        Result(
            "sales history less invoices, in money",
            told["difference"],
            "",
            0.005,
        ),
        Result("health of 2,000 accounts", told["health_seconds"], "s"),
        Result("health of 2,000 accounts, queries", told["health_queries"], ""),
    ]
