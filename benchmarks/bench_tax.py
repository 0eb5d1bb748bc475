"""Overhead of the addon for work unrelated to key accounts, in seconds (the tests count
queries).
"""

from statistics import median, quantiles

from benchmarks.stage import Result

BAR = 1.1
#: What is recorded and counted for a key account client.
BARS = {"phones": 1.3}
KINDS = {
    "sales": "20 invoices posted and paid",
    "partners": "20 partners made and changed",
    "leads": "20 opportunities made and changed",
    "phones": "20 changes of a key account's phone on its form",
}
#: Turns of each side. A bar holds the median of their ratios, turn by turn.
ROUNDS = 15


def measure(stage):
    """Run the same work in the same filled database without the addon and with it, in
    turns.
    """
    without, having = stage.in_turns("tax.py", ROUNDS)
    return [
        result
        for kind in KINDS
        for result in _results(kind, _values(kind, without), _values(kind, having))
    ] + [_queries_more(kind, without[-1], having[-1]) for kind in KINDS]


def _values(kind, turns):
    return [told[kind] for told in turns]


def _results(kind, without, having):
    """Return the medians, the ratio with its quartiles, and the ratio of the medians."""
    name = KINDS[kind]
    ratios = [more / less for less, more in zip(without, having, strict=True)]
    low, _middle, high = quantiles(ratios, n=4)
    return [
        Result(f"{name}, without the addon", median(without), "s"),
        Result(f"{name}, with it", median(having), "s"),
        Result(
            f"{name}, ratio, median of {ROUNDS} turns",
            median(ratios),
            "×",
            BARS.get(kind, BAR),
        ),
        Result(f"{name}, ratio, lower quartile", low, "×"),
        Result(f"{name}, ratio, upper quartile", high, "×"),
        Result(f"{name}, ratio of the medians", median(having) / median(without), "×"),
    ]


def _queries_more(kind, without, having):
    more = having[f"{kind}_queries"] - without[f"{kind}_queries"]
    return Result(f"{KINDS[kind]}, queries more", more, "")
