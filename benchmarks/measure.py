"""Measuring inside an Odoo shell."""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from odoo import SUPERUSER_ID, api

#: Signals between two programs on one database: the one is prepared, the other is
#: running, the one is done.
STARTED, READY, OVER = "bench.started", "bench.ready", "bench.over"


@dataclass(frozen=True)
class Cost:
    """The cheapest of several runs."""

    seconds: float
    queries: int


def cost(env, call, runs=5):
    """Call something several times with an emptied cache, after a first call that fills
    the registry's caches.

    :return: the Cost of the fastest run.
    """
    call()
    return min((once(env, call) for _ in range(runs)), key=lambda run: run.seconds)


def once(env, call):
    """Call something with an emptied cache and return the Cost."""
    env.flush_all()
    env.invalidate_all()
    queries, started = env.cr.sql_log_count, time.perf_counter()
    call()
    return Cost(time.perf_counter() - started, env.cr.sql_log_count - queries)


def reset_height():
    """Reset the peak memory of this process."""
    Path("/proc/self/clear_refs").write_text("5")


def height():
    """Return the peak memory of the process since the reset in MB, including Odoo."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("the height of the memory isn't told here")


def tell(**figures):
    """Pass figures to the benchmark that runs this script."""
    print(f"RESULT {json.dumps(figures)}", flush=True)


def turns():
    """Yield once for each turn that ``Stage.in_turns`` gives to this script."""
    given = int(os.environ["TURNS"])
    while True:
        print("TURN", flush=True)
        if not os.read(given, 1):
            return
        yield


def flag(registry, name):
    """Set a signal for the other program."""
    with registry.cursor() as cursor:
        env = api.Environment(cursor, SUPERUSER_ID, {})
        env["ir.config_parameter"].set_param(name, "1")


def is_flagged(registry, name):
    """Return whether the other program has set the signal."""
    with registry.cursor() as cursor:
        cursor.execute("SELECT FROM ir_config_parameter WHERE key = %s", [name])
        return bool(cursor.rowcount)
