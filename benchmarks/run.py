"""Finds the benchmarks of this folder (bench_*.py with `measure(stage)`), runs them and
prints their figures.
"""

import importlib
import json
from pathlib import Path

from benchmarks.stage import Stage
from tools.demo.table import table
from tools.setup.places import Problem
from tools.setup.terminal import say

SIZES = {"1k": 1_000, "10k": 10_000, "100k": 100_000, "1m": 1_000_000}
DEFAULT_SIZE = "10k"


def size_of(asked):
    """Return the number of invoices given on the command line.

    :raises Problem: for a size that is not offered.
    """
    if (asked or DEFAULT_SIZE).lower() not in SIZES:
        raise Problem(f"SIZE={asked} is not offered: choose one of {', '.join(SIZES)}.")
    return SIZES[(asked or DEFAULT_SIZE).lower()]


def names(narrowed):
    """Return the benchmarks whose name contains one of the words, or all of them."""
    found = sorted(file.stem for file in Path(__file__).parent.glob("bench_*.py"))
    return [
        name for name in found if not narrowed or any(word in name for word in narrowed)
    ]


def run(workshop, size, narrowed, results_file):
    """Run benchmarks; return 1 if a limit is exceeded or a benchmark couldn't run.

    Figures are shown and stored as they come, so a failure doesn't lose the others.
    """
    stage = Stage(workshop, size)
    results, failed = [], []
    for name in names(narrowed):
        say(name)
        try:
            found = importlib.import_module(f"benchmarks.{name}").measure(stage)
        except Problem as problem:
            failed.append(name)
            print(problem, flush=True)
            continue
        finally:
            stage.drop_copies()
        _show(found)
        results += found
        told = [vars(result) for result in results]
        results_file.write_text(json.dumps(told, indent=1))
    if failed:
        print(f"\nNot measured: {', '.join(failed)}")
    return 0 if not failed and all(result.passed for result in results) else 1


def _show(results):
    rows = [
        [result.name, f"{result.value:,.2f}", result.unit, _bar(result)]
        for result in results
    ]
    lines = ["", *table(["Measured", "Value", "Unit", "Bar"], rows)]
    print("\n".join(lines), flush=True)


def _bar(result):
    if result.bar is None:
        return "-"
    return f"{result.bar:g} {'kept' if result.passed else 'MISSED'}"
