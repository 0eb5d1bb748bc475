"""Two servers with worker processes on one database, and a server with a replica.

They run on a cluster of their own. benchmarks/bench_workers.py does the same in large,
for five minutes.
"""

import json
import os
import subprocess
import sys

import pytest
import requests

from benchmarks.servers import Client, Refused, Server, running
from benchmarks.workers_people import PASSWORD, Officers, Told
from benchmarks.workers_scene import Scene
from tests.own_cluster import own_cluster

from ..throw_away import CLONE, needs_databases

NAME = "company"
SIZES = {"MANAGERS": "3", "ACCOUNTS": "1", "PAID": "9", "BATCH": "2"}
#: Acts of everybody before the month, and after the killed server is back.
ACTS = 12
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
        reached = ("--db_host", str(self.cluster.socket), "--db_port", self.cluster.port)
        words = (
            *("shell", "-c", self.environment["ODOO_RC"], "-d", NAME, *reached),
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

    def server(self, *words, **processes):
        return Server(NAME, self.folder, self.environment, *words, **processes)


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """Return a company that both tests use, in their order."""
    with own_cluster() as cluster:
        cluster.bring(os.environ["NKA_ADDON_DATABASE"], NAME)
        yield Company(cluster, tmp_path_factory.mktemp("servers"))


def test_one_of_two_servers_is_lost(company):
    """A month is closed once, every answer is kept, and the audit trail is whole."""
    servers = [company.server(workers=2, crons=2) for _ in range(2)]
    with running(*servers):
        scene = Scene(servers, company.told, company.sql)
        with scene.at_work():
            scene.acts(ACTS)
            problems = scene.close_month()
            missing = scene.lose_a_server()
            scene.acts(ACTS)
        scene.settle()
    assert not problems
    assert not scene.told.failures
    assert missing, "the server was lost after the last payslip"
    assert any("is closing" in text for text in scene.told.refusals)
    proofs = company.folder / "proofs.json"
    proofs.write_text(scene.told.proofs())
    assert company.run("workers_checks.py", PROOFS=str(proofs))["problems"] == []
