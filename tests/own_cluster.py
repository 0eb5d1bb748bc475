"""A database cluster of its own, for tests that stop, restart, fill or copy a server.

The cluster of `make test` serves other tests at the same time.
"""

import contextlib
import os
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg2

from tools.setup.postgres import ROLE, Cluster, as_account, cluster_account

#: Like the cluster of `make test`, but what was committed survives a crash, and a
#: replica can follow.
SETTINGS = """
listen_addresses = ''
max_connections = 60
shared_buffers = 64MB
fsync = on
synchronous_commit = on
wal_level = replica
max_wal_senders = 4
jit = off
"""
#: Seconds that a replica may take to replay what its primary has committed.
PATIENCE = 60


class OwnCluster:
    """A running PostgreSQL server in a folder that is removed at the end."""

    def __init__(self, folder, port="5432"):
        self.data = Path(folder) / "data"
        self.socket = Path(folder)
        self.port = port
        self.account = cluster_account()
        self.programs = Cluster().programs
        self.replicas = []

    def initialise(self):
        """Create an empty cluster."""
        words = f"-U {ROLE} --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync"
        self.run("initdb", "-D", self.data, *words.split())
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS)

    def start(self):
        """Start the server and wait until it accepts connections."""
        options = f"-k {self.socket} -p {self.port}"
        log = self.socket / f"server-{self.port}.log"
        self.run("pg_ctl", "-D", self.data, "-l", log, "-o", options, "-w", "start")

    def stop(self, mode="fast"):
        """Stop the server.

        :param mode: `fast` ends connections, `immediate` is a crash.
        """
        self.run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    # ------------------------------------------------------------ replica
    def replicate(self):
        """Start a streaming replica of this server and return it.

        It is a server of its own, which can be stopped and started.
        """
        replica = OwnCluster(self._own_folder(f"replica{len(self.replicas)}"))
        reach = f"-h {self.socket} -p {self.port} -U {ROLE}"
        words = "-R -X stream --checkpoint=fast --no-sync"
        self.run("pg_basebackup", "-D", replica.data, *reach.split(), *words.split())
        replica.start()
        self.replicas.append(replica)
        self.wait_replica(replica)
        return replica

    def _own_folder(self, name):
        folder = self.socket / name
        folder.mkdir()
        if as_account(self.account):
            os.chown(folder, self.account.pw_uid, self.account.pw_gid)
        return folder

    def wait_replica(self, replica=None):
        """Wait until a replica has replayed what is committed now.

        :raises AssertionError: if it doesn't within a minute.
        """
        replica = replica or self.replicas[-1]
        [[committed]] = self.query("SELECT pg_current_wal_lsn()")
        until = time.monotonic() + PATIENCE
        reached = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
        while replica.query(reached, committed) != [(True,)]:
            assert time.monotonic() < until, "the replica doesn't follow"
            time.sleep(0.02)

    def query(self, statement, *params, database="postgres"):
        """Run one SQL statement in a transaction of its own and return its rows."""
        reached = {"host": str(self.socket), "port": self.port, "user": ROLE}
        connection = psycopg2.connect(dbname=database, **reached)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, params or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    # ------------------------------------------------------------ programs
    def run(self, program, *words):
        """Run a PostgreSQL program as the account of the cluster.

        :raises AssertionError: with its output, when it fails.
        """
        done = subprocess.run(
            [self.programs / program, *words],
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            start_new_session=True,
            **as_account(self.account),
        )
        assert not done.returncode, done.stdout[-3000:]

    def environment(self):
        """Return the environment variables for programs that connect to it."""
        reached = {"PGHOST": str(self.socket), "PGPORT": self.port, "PGUSER": ROLE}
        return {**os.environ, **reached}

    def bring(self, database, name=None):
        """Copy a database of the cluster of `make test` into this one."""
        name = name or database
        self.run("createdb", "-h", self.socket, "-p", self.port, "-U", ROLE, name)
        dump = subprocess.Popen(
            [self.programs / "pg_dump", "-Fc", "-Z0", database], stdout=subprocess.PIPE
        )
        # Thousands of statements, each a transaction: they don't wait for the disk.
        quickly = {"PGOPTIONS": "-c synchronous_commit=off"}
        restored = subprocess.run(
            [self.programs / "pg_restore", "--no-owner", "-d", name],
            stdin=dump.stdout,
            env={**self.environment(), **quickly},
            capture_output=True,
            text=True,
            check=False,
        )
        assert not dump.wait(), f"{database} could not be dumped"
        assert not restored.returncode, restored.stderr[-3000:]
        return name


@contextlib.contextmanager
def own_cluster(*databases):
    """Run an own cluster with copies of databases inside the block."""
    with tempfile.TemporaryDirectory(prefix="nka-", dir="/tmp") as folder:
        account = cluster_account()
        if as_account(account):
            os.chown(folder, account.pw_uid, account.pw_gid)
        cluster = OwnCluster(folder)
        cluster.initialise()
        cluster.start()
        try:
            for database in databases:
                cluster.bring(database)
            yield cluster
        finally:
            for server in (*cluster.replicas, cluster):
                with contextlib.suppress(AssertionError):
                    server.stop("immediate")
