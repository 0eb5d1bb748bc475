"""The web server of the demo: started in a session of its own, ended with the command that started it."""

import contextlib
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request

from .messages import Problem, say
from .odoo import odoo_command, odoo_environment
from .places import BUILD, CLONE, LOGS

PID_FILE = BUILD / "server.pid"
START_SECONDS = 180
END_SECONDS = 10


class Server:
    """A running Odoo server."""

    def __init__(self, child):
        self.child = child

    def is_alive(self):
        """Whether the server still runs."""
        return self.child.poll() is None

    def wait_for_end(self):
        """Wait until it ends by itself; returns its exit code."""
        return self.child.wait()

    def end(self):
        """End it in order, by force if it takes too long."""
        for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if not self.is_alive():
                return
            self.child.send_signal(sent)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.child.wait(END_SECONDS)


@contextlib.contextmanager
def serve(cluster, database, port):
    """Serve a database on the loopback interface meanwhile.

    The server has a session of its own: Ctrl-C reaches only us, and we end the server once.
    """
    words = (
        "-d",
        database,
        "--http-interface=127.0.0.1",
        f"--http-port={port}",
        "--max-cron-threads=1",
    )
    log = LOGS / "server.log"
    with log.open("ab") as output:
        child = subprocess.Popen(
            odoo_command(*words, f"--pidfile={PID_FILE}"),
            env=odoo_environment(cluster),
            cwd=CLONE,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(child)
    try:
        yield server
    finally:
        say("stopping the server")
        server.end()
        PID_FILE.unlink(missing_ok=True)


def warm(server, port):
    """Wait for the first page and have its assets built, so that the first visitor does not wait; False if it died."""
    say(f"starting the server (log: {LOGS / 'server.log'})")
    limit = time.monotonic() + START_SECONDS
    while server.is_alive() and time.monotonic() < limit:
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(
                f"http://127.0.0.1:{port}/web/login", timeout=START_SECONDS
            ).close()
            return True
        time.sleep(0.3)
    return False


def refuse_second_server():
    """One demo per clone: a second would pull the database away under the first.

    :raises Problem: when this clone serves its demo already.
    """
    if PID_FILE.is_file() and _is_alive(PID_FILE.read_text().strip()):
        raise Problem("This clone serves its demo already: `make stop` ends it.")


def _is_alive(process_id):
    try:
        os.kill(int(process_id), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
