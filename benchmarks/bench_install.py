"""Installing the addon in a company with data, as a ratio to an empty one."""

from benchmarks.stage import Result

BAR = 1.2
RUNS = 2


def measure(stage):
    """Install both ways in turn; the fastest run of each counts."""
    empty, filled = [], []
    for _ in range(RUNS):
        empty.append(stage.with_addon(stage.empty())[1])
        filled.append(stage.with_addon(stage.filled())[1])
    return [
        Result("installing, empty", min(empty), "s"),
        Result(f"installing, {stage.size:,} invoices", min(filled), "s"),
        Result("installing, ratio", min(filled) / min(empty), "×", BAR),
    ]
