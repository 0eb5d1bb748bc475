"""Opening the list of 2,000 key accounts, as a ratio to Odoo's list of as many
partners.
"""

from benchmarks.stage import Result

ACCOUNTS = 2000
# If the list queried per row, a page of 80 would take at least 70 more queries than a
# page of 10.
CONSTANT = 0


def measure(stage):
    """Read a first page of 80 rows and one of 10 of each list, as the web client does."""
    database, _seconds = stage.with_addon(stage.filled())
    told = stage.in_odoo(database, "account_list.py", ACCOUNTS=str(ACCOUNTS))
    return [
        Result("partner list, page of 80", told["partner_seconds"] * 1000, "ms"),
        Result("account list, page of 80", told["account_seconds"] * 1000, "ms"),
        Result(
            "account list to partner list",
            told["account_seconds"] / told["partner_seconds"],
            "×",
        ),
        Result("account list, queries", told["queries"], ""),
        Result(
            "account list, queries more for 80 rows than for 10",
            told["more_queries"],
            "",
            CONSTANT,
        ),
        Result(
            "partner list with its key-account columns, queries more for 80",
            told["partner_more"],
            "",
            CONSTANT,
        ),
    ]
