"""make bench: the benchmarks, on databases of SIZE invoices; ARGS narrows by name."""

import os
import shlex

from benchmarks.run import run as run_benchmarks
from benchmarks.run import size_of

from ..setup.places import BUILD
from ..setup.workshop import workshop


def run():
    """Run and print them; 1 when a bar is missed."""
    size = size_of(os.environ.get("SIZE"))
    narrowed = shlex.split(os.environ.get("ARGS") or "")
    with workshop() as ready:
        return run_benchmarks(ready, size, narrowed, BUILD / "bench.json")
