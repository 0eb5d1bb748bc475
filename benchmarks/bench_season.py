"""The season's KPIs for 100 managers: one pass each, compared with plain aggregates."""

from benchmarks.stage import Result

ACCOUNTS = 2000
BAR = 1.5
#: With fewer invoices the aggregate takes less time than the overhead of any query.
BAR_FROM = 1_000_000
CONSTANT = 0


def measure(stage):
    """Measure the last whole quarter with every built-in KPI and a custom one."""
    database, _seconds = stage.with_addon(stage.filled())
    told = stage.in_odoo(database, "season.py", ACCOUNTS=str(ACCOUNTS))
    bar = BAR if stage.size >= BAR_FROM else None
    results = [Result("season, managers measured", told["managers"], "")]
    for code, one in told["measures"].items():
        results += [
            Result(f"season, {code}", one["seconds"] * 1000, "ms"),
            Result(f"season, {code}, queries", one["queries"], ""),
            Result(
                f"season, {code}, queries more for 100 managers than for 10",
                one["more_queries"],
                "",
                CONSTANT,
            ),
        ]
    for code, one in told["beside"].items():
        results += [
            Result(f"season, {code} to bare aggregate", one["ratio"], "×", bar),
            Result(f"season, {code} less bare aggregate", one["difference"], "", 0.005),
        ]
    return [
        *results,
        Result("season, managers one by one", told["one_by_one"] * 1000, "ms"),
        Result("season, all at once", told["together"] * 1000, "ms"),
    ]
