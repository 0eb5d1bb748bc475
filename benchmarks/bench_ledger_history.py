"""The same month of the bonus ledger behind a short and a long history."""

from benchmarks.stage import Result

ACCOUNTS = 2000
BAR = 1.3
SHORT = 10_000
# The short history: the month that is built and one before it.
MONTHS_OF_SHORT = 2


def measure(stage):
    """As many invoices a month either way; the long history has all of `size` before it."""
    if stage.size <= SHORT:
        return []
    seconds = {count: _month_behind(stage, count) for count in (SHORT, stage.size)}
    return [
        *(
            Result(f"a month of the ledger behind {count:,} invoices", told, "s")
            for count, told in seconds.items()
        ),
        Result(
            f"the same month behind {stage.size:,} and {SHORT:,} invoices",
            seconds[stage.size] / seconds[SHORT],
            "×",
            BAR,
        ),
    ]


def _month_behind(stage, count):
    days = MONTHS_OF_SHORT * 30 * count // SHORT
    database = stage.copy(stage.empty(), "bench_history")
    stage.in_odoo(database, "fill.py", COUNT=str(count), DAYS=str(days))
    database, _seconds = stage.with_addon(database)
    told = stage.in_odoo(database, "ledger.py", ACCOUNTS=str(ACCOUNTS))
    return told["build_seconds"]
