"""The pages of each role for 100 managers with 1,000 accounts, and for ten times both.

The month-end close itself has a benchmark of its own.
"""

from benchmarks.stage import Result

MANAGERS = (100, 1000)
PER_MANAGER = 10
PAGES = {
    "accounts": "account list of a supervisor",
    "my_day": "My day of a manager",
    "to_decide": "To decide of a supervisor",
    "desk": "first page of a supervisor",
    "overview": "overview of the director",
    "month": "month to close with its checklist",
    "statements": "list of statements",
}
#: Both sizes fill a page of each list, so they take the same queries.
CONSTANT = 0


def measure(stage):
    """Open each page with every field of its view, in both companies."""
    database, _seconds = stage.with_addon(stage.filled())
    told = stage.in_odoo(
        database,
        "scale.py",
        MANAGERS=",".join(map(str, MANAGERS)),
        PER_MANAGER=str(PER_MANAGER),
    )
    few, many = MANAGERS
    results = []
    for page, name in PAGES.items():
        queries = [told[f"{page}_queries_{count}"] for count in MANAGERS]
        results += [
            Result(f"{name}, {count:,} managers", told[f"{page}_seconds_{count}"], "s")
            for count in MANAGERS
        ]
        results += [
            Result(f"{name}, queries", queries[1]),
            Result(
                f"{name}, queries more for {many:,} managers than for {few:,}",
                queries[1] - queries[0],
                "",
                CONSTANT,
            ),
        ]
    return results
