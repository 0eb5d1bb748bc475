"""Odoo servers with several worker processes each, on one database, and their clients."""

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import time

import requests

#: Seconds that a server may take to start, and a request to be answered.
PATIENCE = 180
#: The server starts a process for its live connections from the file that started it.
STARTER = "import odoo.cli\n\nodoo.cli.main()\n"
#: The errors of Odoo that tell a user what to do instead.
REFUSALS = (
    "UserError",
    "AccessError",
    "ValidationError",
    "LockError",
    "RedirectWarning",
)


class Server:
    """A server with worker processes: a process group that can be killed at once."""

    def __init__(
        self, database, folder, environment, *words, workers=4, crons=2, data=None
    ):
        """Prepare a server; nothing runs yet.

        :param Path folder: for files, sessions and log; servers that stand for one
            company share the first two
        :param dict environment: how to reach the database server
        :param words: further words of the command line
        """
        self.database, self.folder, self.environment = database, folder, environment
        self.words = (
            *("-c", environment["ODOO_RC"], "-d", database),
            *("--db_host", environment["PGHOST"], "--db_port", environment["PGPORT"]),
            *("--data-dir", str(data or folder / "data"), "--db_maxconn", "8"),
            *(f"--workers={workers}", f"--max-cron-threads={crons}"),
            *words,
        )
        self.process, self.port, self.is_up = None, 0, False
        self.log = folder / f"server-{id(self)}.log"

    @property
    def url(self):
        """Return the address of the server."""
        return f"http://127.0.0.1:{self.port}"

    def launch(self):
        """Start without waiting, on ports that are free."""
        starter = self.folder / "start.py"
        starter.write_text(STARTER)
        self.port, live = free_ports(2)
        ports = ("--http-port", str(self.port), "--gevent-port", str(live))
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, starter, *self.words, *ports],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self):
        """Wait until the server answers.

        :raises AssertionError: with the end of its log, if it ends or takes too long.
        """
        until = time.monotonic() + PATIENCE
        while not self._answers():
            told = self.log.read_text()[-3000:]
            assert self.process.poll() is None, f"the server ended:\n{told}"
            assert time.monotonic() < until, f"the server doesn't answer:\n{told}"
            time.sleep(0.1)
        self.is_up = True

    def _answers(self):
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"{self.url}/web/health", timeout=5).ok
        return False

    def kill(self):
        """Kill all processes of the server at once, as a lost machine would."""
        self.is_up = False
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def running(*servers):
    """Run servers inside the block; whatever happens, none is left behind."""
    try:
        for server in servers:
            server.launch()
        for server in servers:
            server.wait()
        yield servers
    finally:
        for server in servers:
            server.kill()


def free_ports(count):
    """Return numbers of ports that nobody uses now."""
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in found:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in found]


class Refused(Exception):
    """The server answered that something isn't possible now, and why."""


class Failed(Exception):
    """The server answered with an error that no user can act on."""


class Unanswered(Exception):
    """The connection was lost: what was asked for may be done or not."""


class Client:
    """One browser: a session whose requests go to all servers in turn."""

    def __init__(self, servers, login, password):
        self.servers, self.login = servers, login
        self.turn = itertools.cycle(range(len(servers)))
        self.session = requests.Session()
        # A worker process ends when another takes its place; each request connects.
        self.session.headers["Connection"] = "close"
        self._post(
            "/web/session/authenticate",
            {"db": servers[0].database, "login": login, "password": password},
        )

    def call(self, model, method, *args, **kwargs):
        """Return what a public method returns.

        :raises Refused: with the message for the user
        :raises Failed: with an error that isn't for users
        :raises Unanswered: if the connection was lost
        """
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self._post(f"/web/dataset/call_kw/{model}/{method}", params)

    def _post(self, path, params):
        server = self._next()
        try:
            reply = self.session.post(
                server.url + path, json={"params": params}, timeout=PATIENCE
            )
        except requests.RequestException as error:
            raise Unanswered(f"{path}: {error}") from error
        if "json" not in reply.headers["Content-Type"]:
            raise Failed(f"{path}: {reply.status_code}")
        answer = reply.json()
        if "error" in answer:
            data = answer["error"]["data"]
            kind = Refused if data["name"].endswith(REFUSALS) else Failed
            raise kind(data["message"] or data["debug"])
        return answer["result"]

    def _next(self):
        """Return the next server; one that is known to be down is skipped."""
        for _ in self.servers:
            server = self.servers[next(self.turn)]
            if server.is_up:
                return server
        raise Unanswered("no server is running")
