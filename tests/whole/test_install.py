"""Installation and uninstallation by Odoo's commands on a copy of a database."""

import os
from pathlib import Path

import pytest

from ..throw_away import (
    ADDON,
    UNTOLD_TABLES,
    assert_passes,
    configured,
    needs_databases,
    odoo,
)
from .database_snapshot import Snapshot

pytestmark = pytest.mark.slow


@needs_databases
def test_uninstalling_leaves_nothing_and_installing_again_works(copy_of):
    before = Snapshot(os.environ["NKA_DEPENDENCIES_DATABASE"])
    with_addon = Snapshot(os.environ["NKA_ADDON_DATABASE"])
    database = copy_of(with_addon.database, "uninstall")
    now = Snapshot(database)

    log = odoo(*configured("module", "uninstall"), "-d", database, ADDON)
    assert _complaints(log) == []
    assert now.structure() - before.structure() == set()
    assert before.structure() - now.structure() == set()
    assert now.names() ^ before.names() == set()
    assert now.row_counts(UNTOLD_TABLES) ^ before.row_counts(UNTOLD_TABLES) == set()

    odoo(*configured(), "-d", database, "-i", ADDON, "--stop-after-init", "--no-http")
    assert now.structure() ^ with_addon.structure() == set()
    assert now.names() ^ with_addon.names() == set()
    assert now.row_counts(UNTOLD_TABLES) ^ with_addon.row_counts(UNTOLD_TABLES) == set()


@needs_databases
def test_payslips_outlive_the_addon_and_are_taken_over(copy_of):
    """Neither the uninstallation nor the next installation logs an error."""
    database = copy_of(os.environ["NKA_ADDON_DATABASE"], "left_behind")
    assert_passes(database, "tests.whole.left_behind")

    log = odoo(*configured("module", "uninstall"), "-d", database, ADDON)
    assert _complaints(log) == []
    kept = Snapshot(database)
    left = {name for name in kept.names() if f" {ADDON}." in name}
    assert left == set(), "external ids of the addon"

    words = ("-d", database, "-i", ADDON, "--stop-after-init", "--no-http")
    log = odoo(*configured(), *words)
    assert _complaints(log) == []
    assert_passes(database, "tests.whole.left_behind")


@needs_databases
def test_installing_beside_enterprise_payroll_is_refused(copy_of):
    """One sentence says why, and the registry is as before."""
    database = copy_of(os.environ["NKA_DEPENDENCIES_DATABASE"], "enterprise")
    before = Snapshot(database)
    structure, names = before.structure(), before.names()
    before.execute(
        """INSERT INTO ir_module_module (name, state, shortdesc)
           VALUES ('hr_payroll', 'installed', '{"en_US": "Payroll"}')
               ON CONFLICT (name) DO UPDATE SET state = 'installed'"""
    )
    words = ("-d", database, "-i", ADDON, "--stop-after-init", "--no-http")
    log = odoo(*configured(), *words, check=False)
    assert 'Modules "Key Account Management" and "Payroll" are incompatible.' in log
    assert before.structure() == structure
    assert before.names() == names


def _complaints(log):
    return [
        line
        for line in log.splitlines()
        if " WARNING " in line or " ERROR " in line or " CRITICAL " in line
    ]


@pytest.mark.skipif(
    "NKA_INSTALL_LOG" not in os.environ, reason="the log is written by `make test`"
)
def test_installing_logs_no_warning():
    # Odoo only logs a constraint that it can't create, so the log has to be checked.
    assert _complaints(Path(os.environ["NKA_INSTALL_LOG"]).read_text()) == []
