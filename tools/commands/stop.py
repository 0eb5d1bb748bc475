"""make stop: ends every process of this clone and its database cluster."""

import contextlib
import os
import signal
import time
from pathlib import Path

from ..setup.cluster import Cluster
from ..setup.messages import say
from ..setup.places import BUILD, PYTHON
from ..setup.postgres import cluster_account, cluster_home

PATIENCE_SECONDS = 8


def run():
    """End Odoo and test processes of this clone, then the cluster."""
    if not BUILD.is_dir():
        return
    for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        running = clone_processes()
        for process in running:
            _send(process, sent)
        _wait_for(running)
    if (cluster_home(cluster_account()) / "data" / "PG_VERSION").is_file():
        Cluster().stop()
    say("nothing of this clone runs any more")


def clone_processes(proc=Path("/proc"), python=PYTHON):
    """The process ids that run the Python of this clone's environment."""
    found = []
    for entry in proc.glob("[0-9]*/cmdline"):
        try:
            started_as = entry.read_bytes().split(b"\0")[0]
        except OSError:
            continue
        if started_as == os.fsencode(python):
            found.append(int(entry.parent.name))
    return found


def _send(process, sent):
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(process, sent)


def _wait_for(processes):
    limit = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < limit and set(processes) & set(clone_processes()):
        time.sleep(0.2)
