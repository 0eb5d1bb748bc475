"""Measuring inside an Odoo shell."""

import json
import time
from dataclasses import dataclass
from pathlib import Path

from odoo import SUPERUSER_ID, api

#: What two programs on one database tell each other: the one is prepared, the other
#: acts, the one is done.
STARTED, READY, OVER = "bench.started", "bench.ready", "bench.over"


@dataclass(frozen=True)
class Cost:
    """The cheapest of several runs."""

    seconds: float
    queries: int


def cost(env, call, runs=5):
    """Call something several times on an emptied cache, after once for the registry's own caches.

    :return: the Cost of the fastest run.
    """
    call()
    return min((_once(env, call) for _ in range(runs)), key=lambda run: run.seconds)


def _once(env, call):
    env.flush_all()
    env.invalidate_all()
    queries, started = env.cr.sql_log_count, time.perf_counter()
    call()
    return Cost(time.perf_counter() - started, env.cr.sql_log_count - queries)


def reset_height():
    """Let the height of this process's memory begin anew."""
    Path("/proc/self/clear_refs").write_text("5")


def height():
    """Memory of this process at its height since the reset, MB: all of it, Odoo too."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("the height of the memory isn't told here")


def tell(**figures):
    """Hand figures to the benchmark that runs this script."""
    print(f"RESULT {json.dumps(figures)}", flush=True)


def flag(registry, name):
    """Tell the other program something."""
    with registry.cursor() as cursor:
        env = api.Environment(cursor, SUPERUSER_ID, {})
        env["ir.config_parameter"].set_param(name, "1")


def is_flagged(registry, name):
    """Whether the other program has told it."""
    with registry.cursor() as cursor:
        cursor.execute("SELECT FROM ir_config_parameter WHERE key = %s", [name])
        return bool(cursor.rowcount)
