"""All scheduled jobs of the addon on a first night, on a quiet one, and on one after a
hundredth of everything changed.
"""

from benchmarks.stage import Result

ACCOUNTS = 2000
#: Seconds and queries of a night with nothing new, and seconds with 1 % changed.
QUIET, QUERIES, CHANGED = 5, 200, 15


def measure(stage):
    """Run the nights over 2,000 accounts and as many audit events as invoices."""
    database, _seconds = stage.with_addon(stage.filled())
    told = stage.in_odoo(
        database, "night.py", ACCOUNTS=str(ACCOUNTS), EVENTS=str(stage.size)
    )
    results = []
    for job, (seconds, queries) in told["quiet"].items():
        name = job.removeprefix("ir_cron_")
        results += [
            Result(f"{name}, first night", told["first"][job][0], "s"),
            Result(f"{name}, nothing new", seconds, "s"),
            Result(f"{name}, nothing new, queries", queries, ""),
            Result(f"{name}, 1 % changed", told["changed"][job][0], "s"),
        ]
    return [
        *results,
        Result("a first night", _sum(told["first"], 0), "s"),
        Result("a night with nothing new", _sum(told["quiet"], 0), "s", QUIET),
        Result("its queries", _sum(told["quiet"], 1), "", QUERIES),
        Result("a night with 1 % changed", _sum(told["changed"], 0), "s", CHANGED),
    ]


def _sum(costs, place):
    return sum(cost[place] for cost in costs.values())
