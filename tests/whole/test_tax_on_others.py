"""What the addon costs those who have nothing to do with key accounts, on two real databases."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ..throw_away import configured, needs_databases

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).with_name("query_tax.py")
MORE_QUERIES = 1
#: What a key client itself may cost, as a multiple; the trail and the count of what is
#: read have their queries there.
OF_KEY_CLIENTS = {"save a key client's phone": 1.3}
#: A form shows the account, so it reads it.
OF_FORMS = {"save a client's phone": 3}


def _counted(database):
    """Queries of each piece of work on a database, of which nothing is kept."""
    words = (*configured("shell"), "-d", database, "--no-http", "--log-level=warn")
    with SCRIPT.open() as source:
        done = subprocess.run(
            [sys.executable, "-m", "odoo", *words],
            stdin=source,
            capture_output=True,
            text=True,
            check=False,
        )
    assert not done.returncode, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def allowed(work, bare):
    """Queries that a piece of work may take with the addon."""
    if work in OF_KEY_CLIENTS:
        return bare * OF_KEY_CLIENTS[work]
    return bare + OF_FORMS.get(work, MORE_QUERIES)


@needs_databases
def test_work_on_others_costs_one_query_more_at_most(copy_of):
    bare = _counted(copy_of(os.environ["NKA_DEPENDENCIES_DATABASE"], "bare"))
    taxed = _counted(copy_of(os.environ["NKA_ADDON_DATABASE"], "taxed"))
    assert bare.keys() == taxed.keys()
    assert min(bare.values()) > 0
    above = {
        work: f"{count} queries instead of {bare[work]}"
        for work, count in taxed.items()
        if count > allowed(work, bare[work])
    }
    assert above == {}
