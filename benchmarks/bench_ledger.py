"""A month of the bonus ledger for 100 managers, as a ratio to one bare exact aggregate over the same rows."""

from benchmarks.stage import Result

ACCOUNTS = 2000
BAR = 1.5
HISTORY_BAR = 1.3
SHORT = 10_000
# The short history: the month that is built and one before it.
MONTHS_OF_SHORT = 2


def measure(stage):
    """The month in the middle of much, and the same month behind a short and a long history."""
    database, _seconds = stage.with_addon(stage.filled())
    told = stage.in_odoo(database, "ledger.py", ACCOUNTS=str(ACCOUNTS))
    results = [
        Result("ledger, events of the month", told["lines"], ""),
        Result("ledger, a month from nothing", told["build_seconds"], "s"),
        Result("ledger, one bare aggregate", told["bare_seconds"], "s"),
        Result(
            "ledger to bare aggregate",
            told["build_seconds"] / told["bare_seconds"],
            "×",
            BAR,
        ),
        Result("ledger, once more", told["again_seconds"], "s"),
        Result("ledger, queries", told["queries"], ""),
        Result("ledger less bare aggregate", told["difference"], "", 0.005),
    ]
    return results + _behind_histories(stage)


def _behind_histories(stage):
    """As many invoices a month either way; the long history has all of `size` before it."""
    if stage.size <= SHORT:
        return []
    seconds = {}
    for count in (SHORT, stage.size):
        days = MONTHS_OF_SHORT * 30 * count // SHORT
        database = stage.copy(stage.empty(), "bench_history")
        stage.in_odoo(database, "fill.py", COUNT=str(count), DAYS=str(days))
        database, _seconds = stage.with_addon(database)
        told = stage.in_odoo(database, "ledger.py", ACCOUNTS=str(ACCOUNTS))
        seconds[count] = told["build_seconds"]
    return [
        Result(
            f"the same month behind {stage.size:,} and {SHORT:,} invoices",
            seconds[stage.size] / seconds[SHORT],
            "×",
            HISTORY_BAR,
        )
    ]
