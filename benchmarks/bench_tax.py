"""Overhead of the addon for work unrelated to key accounts, in seconds (the tests count
queries).
"""

from benchmarks.stage import Result

BAR = 1.1
#: What is recorded and counted for a key account client.
BARS = {"phones": 1.3}
KINDS = {
    "sales": "20 invoices posted and paid",
    "partners": "20 partners made and changed",
    "leads": "20 opportunities made and changed",
    "phones": "20 changes of a key client's phone on its form",
}


def measure(stage):
    """Run the same work in the same filled database without the addon and with it; the
    fastest run of each counts.
    """
    without, having = stage.in_both("tax.py")
    return [
        result
        for kind, name in KINDS.items()
        for result in (
            Result(f"{name}, without the addon", without[kind], "s"),
            Result(f"{name}, with it", having[kind], "s"),
            Result(
                f"{name}, ratio", having[kind] / without[kind], "×", BARS.get(kind, BAR)
            ),
            Result(
                f"{name}, queries more",
                having[f"{kind}_queries"] - without[f"{kind}_queries"],
                "",
            ),
        )
    ]
