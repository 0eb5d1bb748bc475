"""Two years of the bonus ledger built at once, like the first build in a company with
data.
"""

from benchmarks.bench_ledger import ACCOUNTS, from_nothing

MONTHS = 24


def measure(stage):
    """Build all credits of 100 managers of 2,000 accounts over 24 months."""
    database, _seconds = stage.with_addon(stage.filled())
    told = stage.in_odoo(
        database, "ledger.py", ACCOUNTS=str(ACCOUNTS), MONTHS=str(MONTHS), RUNS="1"
    )
    return from_nothing(f"{MONTHS} months", told, stage)
