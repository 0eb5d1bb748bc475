"""A month of the bonus ledger where the planner knows little: right after a bulk load
without statistics, on an empty ledger, and behind ten times as many reconciliations.
"""

from benchmarks.bench_ledger import ACCOUNTS
from benchmarks.stage import Result

#: Twice the bar of the usual month. With fewer invoices, the fixed cost of any build is
#: longer than the aggregate.
BAR = 3.0
BAR_FROM = 1_000_000
#: Reconciliations of earlier years for each invoice.
TIMES = 10
#: Each state, with the aggregate that the month is held against.
STATES = {
    "usual": ("as usual", "bare"),
    "dead": ("on an empty ledger, after a build that failed", "bare"),
    "again": ("once more, while the ledger counts as empty", "bare"),
    "unknown": ("without statistics", "bare"),
    "behind": ("behind {behind:,} reconciliations more", "behind_bare"),
}


def measure(stage):
    """Build the same month in each state of a database.

    The bare aggregate runs with statistics in either case, so a state without them
    doesn't slow down what the build is held against.
    """
    behind = TIMES * stage.size
    database, _seconds = stage.with_addon(stage.filled())
    told = stage.in_odoo(
        database, "plans.py", ACCOUNTS=str(ACCOUNTS), BEHIND=str(behind)
    )
    floors = {
        bare: told[f"{bare}_seconds"] + told["insert_seconds"]
        for bare in ("bare", "behind_bare")
    }
    bar = BAR if stage.size >= BAR_FROM else None
    return [
        Result("plans, events of the month", told["lines"], ""),
        *(
            Result(f"aggregate and plain insert, {name}", seconds, "s")
            for name, seconds in floors.items()
        ),
        *(
            result
            for state, (name, bare) in STATES.items()
            for result in _state(
                f"the month {name.format(behind=behind)}",
                told[f"{state}_seconds"],
                floors[bare],
                bar,
            )
        ),
    ]


def _state(name, seconds, floor, bar):
    return [
        Result(name, seconds, "s"),
        Result(f"{name}, ratio", seconds / floor, "×", bar),
    ]
