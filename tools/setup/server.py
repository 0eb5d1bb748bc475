"""The web server of the demo, on a free port of the loopback interface."""

import contextlib
import fcntl
import socket
import subprocess
import threading
import time
import urllib.request

from .odoo import odoo_command, odoo_environment
from .places import BUILD, CLONE, LOGS, Problem
from .terminal import foreground, say

LOOPBACK = "127.0.0.1"
DEMO_PORT = 8069
TRIED = 50
START_SECONDS = 180


def is_free(port):
    """Return whether a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return not _fails(probe.bind, (LOOPBACK, port))


def _fails(call, *arguments):
    try:
        call(*arguments)
    except OSError:
        return True
    return False


def demo_port(asked):
    """Return the port asked for; without one, the first free port from 8069 on.

    :param asked: text of a port number, or empty.
    :raises Problem: if the value is no port number or the port is in use.
    """
    if not asked:
        last = DEMO_PORT + TRIED - 1
        if found := next(filter(is_free, range(DEMO_PORT, last + 1)), None):
            return found
        raise Problem(
            f"Ports {DEMO_PORT} to {last} are all in use: name a free one, such as PORT=9069."
        )
    if not asked.isdigit() or not 0 < int(asked) < 65536:
        raise Problem(f"PORT={asked} is no port number: give one from 1024 to 65535.")
    if not is_free(int(asked)):
        raise Problem(
            f"Port {asked} is in use: leave PORT out for the next free one, or name another."
        )
    return int(asked)


@contextlib.contextmanager
def only_server():
    """Allow one demo server per clone.

    A second one would replace the database of the first.

    :raises Problem: if this clone already serves its demo.
    """
    with (BUILD / "server.lock").open("w") as lock:
        if _fails(fcntl.flock, lock, fcntl.LOCK_EX | fcntl.LOCK_NB):
            raise Problem("This clone serves its demo already: `make stop` ends it.")
        yield


def serve(cluster, database, port):
    """Serve a database on the loopback interface until Ctrl-C; return the exit code.

    Odoo handles Ctrl-C itself.
    """
    log = LOGS / "server.log"
    say(f"starting the server (log: {log})")
    threading.Thread(target=_announce, args=[port], daemon=True).start()
    words = f"-d {database} --http-interface={LOOPBACK} --http-port={port} --max-cron-threads=1"
    with log.open("ab") as output:
        return foreground(
            odoo_command(*words.split()),
            env=odoo_environment(cluster),
            cwd=CLONE,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def _announce(port):
    """Print the address once the first page has loaded.

    Its assets are built by then, so the first visitor doesn't wait.
    """
    limit = time.monotonic() + START_SECONDS
    address, page = f"http://127.0.0.1:{port}", None
    while not page and time.monotonic() < limit:
        with contextlib.suppress(OSError):
            page = urllib.request.urlopen(f"http://127.0.0.1:{port}/web/login")
            say(f"the demo is served at {address} · Ctrl-C stops it")
        time.sleep(0.3)
