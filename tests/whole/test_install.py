"""Installation and uninstallation by Odoo's commands on a copy of a database."""

import os
from pathlib import Path

import pytest

from ..throw_away import ADDON, UNTOLD_TABLES, configured, needs_databases, odoo
from .database_snapshot import Snapshot

pytestmark = pytest.mark.slow


@needs_databases
def test_uninstalling_leaves_nothing_and_installing_again_works(copy_of):
    before = Snapshot(os.environ["NKA_DEPENDENCIES_DATABASE"])
    with_addon = Snapshot(os.environ["NKA_ADDON_DATABASE"])
    database = copy_of(with_addon.database, "uninstall")
    now = Snapshot(database)

    odoo(*configured("module", "uninstall"), "-d", database, ADDON)
    assert now.structure() - before.structure() == set()
    assert before.structure() - now.structure() == set()
    assert now.names() ^ before.names() == set()
    assert now.row_counts(UNTOLD_TABLES) ^ before.row_counts(UNTOLD_TABLES) == set()

    odoo(*configured(), "-d", database, "-i", ADDON, "--stop-after-init", "--no-http")
    assert now.structure() ^ with_addon.structure() == set()
    assert now.names() ^ with_addon.names() == set()
    assert now.row_counts(UNTOLD_TABLES) ^ with_addon.row_counts(UNTOLD_TABLES) == set()


@pytest.mark.skipif(
    "NKA_INSTALL_LOG" not in os.environ, reason="the log is written by `make test`"
)
def test_installing_logs_no_warning():
    lines = Path(os.environ["NKA_INSTALL_LOG"]).read_text().splitlines()
    # Odoo only logs a constraint that it can't create, so the log has to be checked.
    assert [
        line
        for line in lines
        if " WARNING " in line or " ERROR " in line or " CRITICAL " in line
    ] == []
