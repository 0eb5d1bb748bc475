"""A month of the bonus ledger for 100 managers, as a ratio to one bare exact aggregate over the same rows."""

from benchmarks.stage import Result

ACCOUNTS = 2000
BAR = 1.5
#: Of fewer invoices the aggregate takes less than what any build has to ask first.
BAR_FROM = 1_000_000
#: The build works inside PostgreSQL: what it holds here doesn't follow the number of invoices.
MEGABYTES = 32
#: Of a hundred managers.
LOOPED = 2


def measure(stage):
    """The month in the middle of much, from nothing, once more, and as a loop."""
    database, _seconds = stage.with_addon(stage.filled())
    told = stage.in_odoo(
        database, "ledger.py", ACCOUNTS=str(ACCOUNTS), LOOPED=str(LOOPED)
    )
    return [*from_nothing("a month", told, stage), *_beside_a_loop(told)]


def from_nothing(span, told, stage):
    """What every span of the ledger is measured by."""
    return [
        Result(f"ledger, events of {span}", told["lines"], ""),
        Result(f"ledger, {span} from nothing", told["build_seconds"], "s"),
        *_beside_aggregates(span, told, stage),
        Result(f"ledger, what is due in {span} alone", told["due_seconds"], "s"),
        Result(f"ledger, {span} once more", told["again_seconds"], "s"),
        Result(f"ledger, queries of {span}", told["queries"], ""),
        Result(f"ledger, memory added by {span}", told["megabytes"], "MB", MEGABYTES),
        Result(f"ledger less bare aggregate, {span}", told["difference"], "", 0.005),
    ]


def _beside_aggregates(span, told, stage):
    """Beside an aggregate of one process, as the build is, and of several that share it."""
    one, several = told["bare_seconds"], told["shared_seconds"]
    return [
        Result(f"bare aggregate of {span}, one process", one, "s"),
        Result(
            f"ledger to bare aggregate, {span}",
            told["build_seconds"] / one,
            "×",
            BAR if stage.size >= BAR_FROM else None,
        ),
        Result(f"bare aggregate of {span}, several processes", several, "s"),
        Result(
            f"ledger to bare aggregate of several processes, {span}",
            told["build_seconds"] / several,
            "×",
        ),
    ]


def _beside_a_loop(told):
    return [
        Result("naive loop over managers and invoices", told["naive_seconds"], "s"),
        Result("naive loop, queries", told["naive_queries"], ""),
        Result(
            "naive loop to ledger", told["naive_seconds"] / told["build_seconds"], "×"
        ),
        Result("ledger less naive loop", told["naive_difference"], "", 0.005),
    ]
