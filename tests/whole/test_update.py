"""Update by Odoo's command on a copy of a database."""

import os

import pytest

from ..throw_away import ADDON, UNTOLD_TABLES, configured, needs_databases, odoo
from .database_snapshot import Snapshot

pytestmark = pytest.mark.slow


@needs_databases
def test_updating_twice_changes_nothing(copy_of):
    with_addon = Snapshot(os.environ["NKA_ADDON_DATABASE"])
    database = copy_of(with_addon.database, "update")
    for _ in range(2):
        odoo(
            *configured(), "-d", database, "-u", ADDON, "--stop-after-init", "--no-http"
        )
    now = Snapshot(database)
    assert now.structure() ^ with_addon.structure() == set()
    assert now.rows(UNTOLD_TABLES) ^ with_addon.rows(UNTOLD_TABLES) == set()
