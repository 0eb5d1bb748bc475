"""A month of the bonus ledger for 100 managers, as a ratio to one bare exact aggregate over the same rows."""

from benchmarks.stage import Result

ACCOUNTS = 2000
BAR = 1.5
#: Of fewer invoices the aggregate takes less than what any build has to ask first.
BAR_FROM = 1_000_000


def measure(stage):
    """The month in the middle of much, from nothing and once more."""
    database, _seconds = stage.with_addon(stage.filled())
    told = stage.in_odoo(database, "ledger.py", ACCOUNTS=str(ACCOUNTS))
    return [
        Result("ledger, events of the month", told["lines"], ""),
        Result("ledger, a month from nothing", told["build_seconds"], "s"),
        Result("ledger, one bare aggregate", told["bare_seconds"], "s"),
        Result(
            "ledger to bare aggregate",
            told["build_seconds"] / told["bare_seconds"],
            "×",
            BAR if stage.size >= BAR_FROM else None,
        ),
        Result("ledger, once more", told["again_seconds"], "s"),
        Result("ledger, queries", told["queries"], ""),
        Result("ledger less bare aggregate", told["difference"], "", 0.005),
    ]
