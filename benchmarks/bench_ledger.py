"""A month of the bonus ledger for 100 managers, as a ratio to one exact plain aggregate
over the same rows.
"""

from benchmarks.stage import Result

ACCOUNTS = 2000
BAR = 1.5
#: With fewer invoices the aggregate takes less time than the preparatory queries of any
#: build.
BAR_FROM = 1_000_000
#: The build works inside PostgreSQL: memory here doesn't grow with the number of
#: invoices.
MEGABYTES = 32
#: Of a hundred managers.
LOOPED = 2


def measure(stage):
    """Build the month of a large database from nothing, a second time, and as a loop."""
    database, _seconds = stage.with_addon(stage.filled())
    told = stage.in_odoo(
        database, "ledger.py", ACCOUNTS=str(ACCOUNTS), LOOPED=str(LOOPED)
    )
    return [*from_nothing("a month", told, stage), *_beside_a_loop(told)]


def from_nothing(span, told, stage):
    """Return the figures of a build over any time span."""
    return [
        Result(f"ledger, events of {span}", told["lines"], ""),
        *_working_out(span, told, stage),
        *_writing(span, told, stage),
        Result(f"ledger, {span} once more", told["again_seconds"], "s"),
        Result(f"ledger, queries of {span}", told["queries"], ""),
        Result(f"ledger, memory added by {span}", told["megabytes"], "MB", MEGABYTES),
        Result(f"ledger less bare aggregate, {span}", told["difference"], "", 0.005),
    ]


def _working_out(span, told, stage):
    """Compare reads: what is due, and an aggregate in one process and in several."""
    due, one, several = (
        told[key] for key in ("due_seconds", "bare_seconds", "shared_seconds")
    )
    return [
        Result(f"ledger, what is due in {span}", due, "s"),
        Result(f"bare aggregate of {span}, one process", one, "s"),
        Result(f"due to bare aggregate, {span}", due / one, "×", _bar(stage)),
        Result(f"bare aggregate of {span}, several processes", several, "s"),
    ]


def _writing(span, told, stage):
    """Compare the whole build with the aggregate plus a plain insert of the calculated
    rows.
    """
    build, one = told["build_seconds"], told["bare_seconds"]
    floor = one + told["insert_seconds"]
    return [
        Result(f"ledger, {span} from nothing", build, "s"),
        Result(f"plain insert of {span}'s rows", told["insert_seconds"], "s"),
        Result(
            f"ledger to aggregate and plain insert, {span}",
            build / floor,
            "×",
            _bar(stage),
        ),
        Result(f"ledger to aggregate alone, {span}", build / one, "×"),
    ]


def _bar(stage):
    return BAR if stage.size >= BAR_FROM else None


def _beside_a_loop(told):
    return [
        Result("naive loop over managers and invoices", told["naive_seconds"], "s"),
        Result("naive loop, queries", told["naive_queries"], ""),
        Result(
            "naive loop to ledger", told["naive_seconds"] / told["build_seconds"], "×"
        ),
        Result("ledger less naive loop", told["naive_difference"], "", 0.005),
    ]
