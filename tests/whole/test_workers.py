"""Two servers with worker processes on one database, and a server with a replica.

They run on a cluster of their own. benchmarks/bench_workers.py does the same in large,
for five minutes.
"""

import json
import os
import subprocess
import sys
from contextlib import contextmanager, suppress

import pytest

from benchmarks.servers import Client, Failed, Refused, Server, running
from benchmarks.workers_people import PASSWORD, Officers, Told
from benchmarks.workers_scene import Scene
from tests.own_cluster import own_cluster

from ..throw_away import CLONE, needs_databases

NAME = "company"
SIZES = {"MANAGERS": "3", "ACCOUNTS": "1", "PAID": "6", "BATCH": "1"}
#: Acts of everybody before the month, and after the killed server is back.
ACTS = 12
#: Processes of each server that answer requests.
PROCESSES = 2
#: Records that a manager can read in an hour.
LIMIT = 3
RESULT = "RESULT "

pytestmark = [needs_databases, pytest.mark.slow]


class Company:
    """A database on a cluster of its own, with people who can log in."""

    def __init__(self, cluster, folder):
        self.cluster, self.folder = cluster, folder
        rc = os.environ["ODOO_RC"]
        self.environment = {**cluster.environment(), "ODOO_RC": rc}
        self.told = self.run("workers.py", PASSWORD=PASSWORD, **SIZES)

    def run(self, script, **variables):
        """Run a script of the benchmarks in an Odoo shell; return what it tells."""
        words = (
            *("shell", "-c", self.environment["ODOO_RC"], "-d", NAME),
            *("--db_host", str(self.cluster.socket), "--db_port", self.cluster.port),
            *("--data-dir", str(self.folder / "data"), "--no-http", "--log-level=warn"),
        )
        with (CLONE / "benchmarks" / script).open() as source:
            done = subprocess.run(
                [sys.executable, "-m", "odoo", *words],
                stdin=source,
                env={**self.environment, **variables},
                cwd=CLONE,
                capture_output=True,
                text=True,
                check=False,
            )
        assert not done.returncode, done.stderr[-3000:]
        told = [line for line in done.stdout.splitlines() if line.startswith(RESULT)]
        return json.loads(told[-1][len(RESULT) :])

    def sql(self, query, database=NAME):
        """Return the first column of the rows of a query on the primary."""
        return [row[0] for row in self.cluster.query(query, database=database)]

    def forget_reading(self):
        """Delete what was counted, so that each test has its own hour."""
        self.sql("ALTER TABLE nka_reading DISABLE TRIGGER USER")
        self.sql("DELETE FROM nka_reading")
        self.sql("ALTER TABLE nka_reading ENABLE TRIGGER USER")

    def server(self, *words, **processes):
        """Return a server of the company, which doesn't run yet."""
        return Server(NAME, self.folder, self.environment, *words, **processes)


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """Return a company that both tests use, in their order."""
    with own_cluster() as cluster:
        cluster.bring(os.environ["NKA_ADDON_DATABASE"], NAME)
        yield Company(cluster, tmp_path_factory.mktemp("servers"))


def test_one_of_two_servers_is_lost(company):
    """A month is closed once, every answer is kept, and the audit trail is whole."""
    servers = [company.server(workers=PROCESSES, crons=1) for _ in range(2)]
    with running(*servers):
        scene = Scene(servers, company.told, company.sql)
        with scene.at_work():
            scene.acts(ACTS)
            problems = scene.close_month()
            open_ones = scene.lose_a_server()
            scene.acts(ACTS)
        scene.settle()
    assert not problems
    assert not scene.told.failures
    assert "made the route" not in servers[0].log.read_text()
    assert open_ones, "the server was lost when nothing was left to do"
    assert sum(scene.told.unanswered.values()) <= len(scene.people)
    proofs = company.folder / "proofs.json"
    proofs.write_text(scene.told.proofs())
    assert company.run("workers_checks.py", PROOFS=str(proofs))["problems"] == []


class Reads:
    """What people read on a server with a replica, and what is counted for it."""

    def __init__(self, company, server):
        self.company, self.server = company, server

    def login(self, name):
        """Return a new session of somebody."""
        return Client([self.server], name, PASSWORD)

    def names(self, client, name):
        """Return the names of contacts found by name, as a list shows them."""
        domain = [("name", "=", name)]
        answer = client.call("res.partner", "web_search_read", domain, {"name": {}})
        return [row["name"] for row in answer["records"]]

    def key_account(self, client):
        """Return how many key accounts a list of one row shows."""
        asked = [("state", "=", "key")], {"display_name": {}}
        answer = client.call("nka.key.account", "web_search_read", *asked, limit=1)
        return len(answer["records"])

    def counted(self, login):
        """Return how many records the primary has counted for somebody."""
        query = f"""SELECT COALESCE(SUM(count), 0) FROM nka_reading
                      JOIN res_users ON res_users.id = user_id
                     WHERE login = '{login}'"""
        return self.company.sql(query)[0]


@pytest.fixture(scope="module")
def replica(company):
    """Return a streaming replica of the company's database server."""
    company.sql(f"UPDATE res_company SET nka_read_limit = {LIMIT}")
    return company.cluster.replicate()


@pytest.fixture(scope="module")
def reads(company, replica):
    """Return reads on a server that has a replica."""
    reached = ("--db_replica_host", str(replica.socket))
    words = (*reached, "--db_replica_port", replica.port)
    with running(company.server(*words, workers=PROCESSES, crons=0)) as (server,):
        yield Reads(company, server)


def repeated(work, *args):
    """Return what works at last.

    Each process of Odoo answers one request with an error when it finds out that a
    connection it kept was closed.
    """
    for _attempt in range(2 * PROCESSES):
        with suppress(Failed):
            return work(*args)
    return work(*args)


@contextmanager
def late(cluster, replica):
    """Let a replica lag behind for the duration of the block."""
    cluster.wait_replica(replica)
    replica.query("SELECT pg_wal_replay_pause()")
    try:
        yield
    finally:
        replica.query("SELECT pg_wal_replay_resume()")
        cluster.wait_replica(replica)


def test_everybody_reads_on_the_replica(company, replica, reads):
    """Reads don't see what the replica lacks; those of roles are counted elsewhere."""
    colleague, manager = reads.login("bench-importer"), reads.login("bench-manager-0")
    company.forget_reading()
    before = reads.counted("bench-manager-0")
    with late(company.cluster, replica):
        colleague.call("res.partner", "create", {"name": "Late"})
        assert not reads.names(colleague, "Late")
        assert reads.key_account(manager)
        assert reads.counted("bench-manager-0") == before + 1
    assert reads.names(colleague, "Late") == ["Late"]
    assert reads.counted("bench-importer") == 0


def test_the_limit_holds_however_late_the_replica_is(company, replica, reads):
    """Reads are added up on the primary; supervisors are told once."""
    login = "bench-manager-1"
    manager = reads.login(login)
    company.forget_reading()
    with late(company.cluster, replica):
        for _ in range(LIMIT):
            assert reads.key_account(manager)
        for _ in range(2):
            with pytest.raises(Refused, match="for the rest of the hour"):
                reads.key_account(manager)
        assert reads.counted(login) == LIMIT + 2
        told = company.sql(
            f"""SELECT COUNT(*) FROM nka_audit_event JOIN res_users ON user_id = res_users.id
                 WHERE kind = 'reading' AND login = '{login}'"""
        )
        assert told == [1]


def test_a_month_is_decided_on_the_primary(company, replica, reads):
    """Steps and the page of a month don't wait for the replica."""
    officers = Officers(Told(), [reads.server], company.told["month"])
    with late(company.cluster, replica):
        close = officers.open()
        if officers.read(close, "state")["state"] == "locked":
            words = [close], "Once more"
            reads.login("bench-admin").call("nka.month.close", "action_reopen", *words)
        assert officers.read(close, "state")["state"] == "open"
        first, second = officers.clients
        first.call("nka.month.close", "action_calculate", [close])
        for name, state in (("approve", "approved"), ("lock", "locked")):
            second.call("nka.month.close", f"action_{name}", [close])
            assert officers.read(close, "state")["state"] == state


def test_a_lost_replica_is_done_without(company, replica, reads):
    """Reads then go to the primary, and are counted there."""
    colleague, manager = reads.login("bench-importer"), reads.login("bench-manager-2")
    company.forget_reading()
    replica.stop("immediate")
    try:
        repeated(colleague.call, "res.partner", "create", {"name": "Alone"})
        assert repeated(reads.names, colleague, "Alone") == ["Alone"]
        for _ in range(LIMIT):
            assert repeated(reads.key_account, manager)
        assert reads.counted("bench-manager-2") == LIMIT
        with pytest.raises(Refused, match="for the rest of the hour"):
            reads.key_account(manager)
    finally:
        replica.start()
