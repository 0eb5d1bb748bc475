"""The daily jobs over 2,000 accounts: cost of a night, and cost of an additional
account.
"""

from benchmarks.stage import Result

ACCOUNTS, FEW = 2000, 500
#: Rows are inserted in batches of a hundred, into a handful of tables.
FURTHER = 0.2


def measure(stage):
    """Run one night with everything due on 500 accounts, the next with 1,500 more, a
    third with nothing new.
    """
    database, _seconds = stage.with_addon(stage.filled())
    told = stage.in_odoo(database, "daily.py", ACCOUNTS=str(ACCOUNTS), FEW=str(FEW))
    results = []
    for job, one in told["jobs"].items():
        results += [
            Result(f"{job}, {ACCOUNTS:,} accounts", one["seconds"], "s"),
            Result(f"{job}, queries", one["queries"], ""),
            Result(f"{job}, queries of a further account", one["further"], "", FURTHER),
            Result(f"{job}, nothing new", one["again"], "s"),
        ]
    return [
        *results,
        Result("a night, all jobs", told["night"], "s"),
        Result("activities raised", told["activities"], ""),
    ]
