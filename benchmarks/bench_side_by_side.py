"""How much heavy work of ordinary users delays others, without the addon and with it."""

from benchmarks.stage import Result

BAR = 1.2
KINDS = {
    "search": "searches of all clients",
    "load": "imports of 600 leads",
    "mail": "messages with a file of 10 MB",
    "hold": "a transaction that stays open",
}


def measure(stage):
    """Run the same work beside the same heavy work, in the same filled database."""
    without, having = stage.in_both("side_by_side.py")
    return [
        result
        for kind, name in KINDS.items()
        for result in (
            Result(f"beside {name}, without the addon", without[kind], "s"),
            Result(f"beside {name}, with it", having[kind], "s"),
            Result(f"slowed down by {name}, without", without[f"{kind}_delay"], "×"),
            Result(f"slowed down by {name}, with it", having[f"{kind}_delay"], "×"),
            Result(
                f"the one in times of the other, {kind}",
                having[f"{kind}_delay"] / without[f"{kind}_delay"],
                "×",
                BAR,
            ),
        )
    ]
