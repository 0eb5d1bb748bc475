"""The audit trail at size: verifying it whole and at night, appending to it, and a
queue of 50,000 documents.
"""

from benchmarks.stage import Result

DOCUMENTS = 50_000
#: Queries of one append, and additional queries for a page of 80 compared with one of
#: 10.
APPEND, CONSTANT = 2, 0
#: Megabytes that a verification of the chain may add to the process, whatever its
#: length.
MEMORY = 64
#: Seconds and queries of a nightly verification with the signature after it, and seconds
#: when a hundredth is new.
NIGHT_SECONDS, NIGHT_QUERIES, CHANGED_SECONDS = 2, 90, 4


def measure(stage):
    """Verify a chain of as many events as the given size, append, and open the queue;
    then verify at night behind as many events.
    """
    return [*measure_chain(stage), *measure_nights(stage)]


def measure_nights(stage):
    """Verify at night: with nothing new, and with a hundredth of everything new."""
    database, _seconds = stage.with_addon(stage.empty())
    told = stage.in_odoo(database, "trail_nights.py", EVENTS=str(stage.size))
    night = f"a night with nothing new behind {stage.size:,} events"
    changed = f"a night with 1 % new behind {stage.size:,} events"
    return [
        Result("verifying everything", told["whole_seconds"], "s"),
        Result(night, told["night_seconds"], "s", NIGHT_SECONDS),
        Result(f"{night}, queries", told["night_queries"], "", NIGHT_QUERIES),
        Result(changed, told["changed_seconds"], "s", CHANGED_SECONDS),
        Result(f"{changed}, queries", told["changed_queries"], ""),
    ]


def measure_chain(stage):
    """Verify a chain of as many events as the given size, append, and open the queue."""
    database, _seconds = stage.with_addon(stage.empty())
    told = stage.in_odoo(
        database, "trail.py", EVENTS=str(stage.size), DOCUMENTS=str(DOCUMENTS)
    )
    return [
        Result(f"numbering {stage.size:,} events", told["number_seconds"], "s"),
        Result(f"verifying {stage.size:,} events", told["verify_seconds"], "s"),
        Result("memory that the verification adds", told["memory"], "MB", MEMORY),
        Result("appending 100 events, queries", told["append_queries"], "", APPEND),
        Result("queue of 50,000 documents, page of 80", told["queue_ms"], "ms"),
        Result("queue, queries", told["queue_queries"], ""),
        Result("queue, queries more for 80 than for 10", told["more"], "", CONSTANT),
    ]
