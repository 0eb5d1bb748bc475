"""The same month of the bonus ledger after a short and a long history."""

from benchmarks.stage import Result

ACCOUNTS = 2000
PARTNERS = 2500
BAR = 1.3
SHORT = 10_000
# Every payment of the month that is built belongs to an invoice within this number of
# days.
DAYS_OF_SHORT = 150


def measure(stage):
    """Build a month with the same number of invoices; the long history has all of
    `size` before it.
    """
    if stage.size <= SHORT:
        return []
    told = {count: _month_behind(stage, count) for count in (SHORT, stage.size)}
    seconds = {count: month["build_seconds"] for count, month in told.items()}
    return [
        *(
            Result(
                f"ledger, {month['lines']:,} events behind {count:,} invoices",
                seconds[count],
                "s",
            )
            for count, month in told.items()
        ),
        Result(
            f"the same month behind {stage.size:,} and {SHORT:,} invoices",
            seconds[stage.size] / seconds[SHORT],
            "×",
            BAR,
        ),
    ]


def _month_behind(stage, count):
    days = DAYS_OF_SHORT * count // SHORT
    database = stage.copy(stage.empty(), "history")
    wanted = {"COUNT": count, "DAYS": days, "PARTNERS": PARTNERS}
    stage.in_odoo(
        database, "fill.py", **{key: str(told) for key, told in wanted.items()}
    )
    database, _seconds = stage.with_addon(database)
    return stage.in_odoo(database, "ledger.py", ACCOUNTS=str(ACCOUNTS))
