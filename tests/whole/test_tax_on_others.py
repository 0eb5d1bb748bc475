"""Additional queries of tasks that don't concern key accounts, on two databases."""

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
#: Factor allowed for a key account, where the audit trail and the count of reads need
#: queries.
OF_KEY_CLIENTS = {"save a key client's phone": 1.3}
#: Additional queries allowed for a form, because it shows the account.
OF_FORMS = {"save a client's phone": 3}


def _counted(database):
    """Return the number of queries of each task on a database; nothing is kept."""
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
    """Return the number of queries that a task may take with the addon."""
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
