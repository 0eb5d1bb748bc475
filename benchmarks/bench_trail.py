"""The audit trail at size: verifying it, appending to it, and a queue of 50,000
documents.
"""

from benchmarks.stage import Result

DOCUMENTS = 50_000
#: Queries of one append, and additional queries for a page of 80 compared with one of
#: 10.
APPEND, CONSTANT = 2, 0
#: Megabytes that a verification of the chain may add to the process, whatever its
#: length.
MEMORY = 64


def measure(stage):
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
