"""The private PostgreSQL cluster of this clone: reached by a socket only, stopped by the last command that used it."""

import contextlib
import fcntl
import os
import shutil
import subprocess

from .messages import Problem, say
from .places import BUILD, clone_key, socket_folder
from .postgres import cluster_account, cluster_home, programs
from .watched import watched

# Odoo refuses a role named postgres.
ROLE = "nka"
PORT = "5432"

# Everything in here can be made anew, so nothing waits for the disk (fsync and its kin); the JIT
# costs more than it saves on Odoo's queries and its library is not unpacked.
SETTINGS = """
listen_addresses = ''
max_connections = 100
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
jit = off
"""


class Cluster:
    """One cluster per clone. Use it as `with Cluster().running() as cluster`."""

    def __init__(self):
        self.account = cluster_account()
        self.home = cluster_home(self.account)
        self.data = self.home / "data"
        self.programs = programs(self.home)
        owner = (self.account.uid, self.account.gid)
        self.socket = socket_folder(self.home / "socket", owner)

    @contextlib.contextmanager
    def running(self):
        """Have the cluster run meanwhile; it is stopped when no command of this clone uses it any more."""
        with (BUILD / "cluster.lock").open("w") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            self._start()
            try:
                yield self
            finally:
                self._stop_if_last(users)

    def _stop_if_last(self, users):
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        self.stop()

    def _start(self):
        with (BUILD / "cluster.starting").open("w") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            if not (self.data / "PG_VERSION").is_file():
                self._initialise()
            if not self.is_running():
                self._launch()

    def _initialise(self):
        making = self.home / "making"
        if making.exists():
            shutil.rmtree(making)
        making.mkdir(mode=0o700)
        os.chown(making, self.account.uid, self.account.gid)
        command = [
            "initdb",
            "-D",
            making,
            "-U",
            ROLE,
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]
        self._watched(
            f"making a PostgreSQL cluster ({self.programs}, as {self.account.name})",
            command,
        )
        with (making / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS)
        making.rename(self.data)

    def _launch(self):
        log = self.data / "server.log"
        options = f"-k {self.socket} -p {PORT}"
        command = [
            "pg_ctl",
            "-D",
            self.data,
            "-l",
            log,
            "-o",
            options,
            "-w",
            "-t",
            "60",
            "start",
        ]
        started = self._run(command, start_new_session=True)
        if started.returncode:
            raise Problem(
                f"PostgreSQL did not start; {log} says why: {started.stdout.strip()[-300:]}"
            )

    def is_running(self):
        """Whether the server answers on the cluster's own socket."""
        return self._run(["pg_ctl", "-D", self.data, "status"]).returncode == 0

    def stop(self):
        """Stop the server if it runs, ending its connections."""
        if (self.data / "PG_VERSION").is_file() and self.is_running():
            self._run(["pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop"])

    def _run(self, command, **options):
        program, *words = map(str, command)
        return subprocess.run(
            [self.programs / program, *words],
            **self._as_account(),
            **options,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def _watched(self, label, command):
        program, *words = command
        watched(label, [self.programs / program, *words], **self._as_account())

    def _as_account(self):
        # The account may have no way into the folder that make was called in.
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        return {"cwd": "/", "env": environment, **self.account.options()}

    def environment(self):
        """Environment variables for every program that connects to the cluster."""
        path = f"{self.programs}{os.pathsep}{os.environ.get('PATH', '/usr/bin:/bin')}"
        return {
            "PGHOST": str(self.socket),
            "PGPORT": PORT,
            "PGUSER": ROLE,
            "PATH": path,
        }

    def sql(self, statement, database="postgres"):
        """Run one statement and return its rows as text, columns separated by tabs.

        :raises Problem: with PostgreSQL's message.
        """
        command = [
            self.programs / "psql",
            "-XAtq",
            "-F",
            "\t",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            database,
            "-c",
            statement,
        ]
        done = subprocess.run(
            command,
            env={**os.environ, **self.environment()},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Problem(f"PostgreSQL: {done.stderr.strip()}")
        return done.stdout.splitlines()


def remove_cluster():
    """Stop the cluster and remove everything of it, also what lies outside the build folder."""
    account = cluster_account()
    home = cluster_home(account)
    if (home / "data" / "PG_VERSION").is_file():
        Cluster().stop()
    say(f"removing the database cluster in {home}")
    shutil.rmtree(home, ignore_errors=True)
    for place in ("/tmp", os.environ.get("TMPDIR", "/tmp")):
        shutil.rmtree(f"{place}/nka-{clone_key(home / 'socket')}", ignore_errors=True)
