"""Installation in both orders, and uninstallation with and without the first addon.

`make test` installs the apps after the addon; here they are there before it.
"""

import os
from pathlib import Path

import pytest

from ..throw_away import ADDON, UNTOLD_TABLES, configured, odoo
from ..whole.database_snapshot import Snapshot

BESIDE = "nka_key_accounts_recruitment"
# Odoo notes for each model from which module it inherits a mixin, also for the models of
# the apps.
OF_MIXINS = f"external id {ADDON}.model_inherit__"
# Odoo names the email alias of a job position only if positions have one by then.
OF_ALIASES = "_mail_alias"
# A library for PDF files that Odoo's own module does without.
NOT_OURS = "odoo.addons.attachment_indexation"

pytestmark = pytest.mark.slow
needs_both = pytest.mark.skipif(
    "NKA_BOTH_DATABASE" not in os.environ,
    reason="the databases are made by `make test`",
)


@pytest.fixture(scope="module")
def made():
    """Return the snapshots of the databases of `make test`, by what they have."""
    names = {"addon": "ADDON", "apps": "APPS", "all": "BOTH"}
    return {
        key: Snapshot(os.environ[f"NKA_{name}_DATABASE"]) for key, name in names.items()
    }


def complaints(log):
    marks = (" WARNING ", " ERROR ", " CRITICAL ")
    return [
        line
        for line in log.splitlines()
        if any(mark in line for mark in marks) and NOT_OURS not in line
    ]


def without_odoos_own(names):
    """Return external ids without those that Odoo gives by the order of modules."""
    return {
        name
        for name in names
        if not name.startswith(OF_MIXINS) and not name.endswith(OF_ALIASES)
    }


def of_beside(names):
    return {name for name in names if f" {BESIDE}." in name}


@needs_both
def test_it_is_installed_with_the_apps_only(made):
    """Where recruitment is missing, nothing of the second addon is there."""
    assert of_beside(made["all"].names())
    assert of_beside(made["addon"].names()) == of_beside(made["apps"].names()) == set()
    found = made["addon"].structure() | made["apps"].structure()
    assert made["all"].structure() - found, "the second addon adds nothing"
    assert found - made["all"].structure() == set()


@needs_both
def test_both_orders_give_the_same_and_leave_nothing(copy_of, made):
    database = copy_of(made["apps"].database, "order")
    now = Snapshot(database)
    log = odoo(
        *configured(), "-d", database, "-i", ADDON, "--stop-after-init", "--no-http"
    )
    assert complaints(log) == []
    assert now.structure() ^ made["all"].structure() == set()
    assert without_odoos_own(now.names() ^ made["all"].names()) == set()

    log = odoo(*configured("module", "uninstall"), "-d", database, ADDON)
    assert complaints(log) == []
    assert now.structure() ^ made["apps"].structure() == set()
    assert now.names() ^ made["apps"].names() == set()
    left = now.row_counts(UNTOLD_TABLES) ^ made["apps"].row_counts(UNTOLD_TABLES)
    assert left == set()


@needs_both
def test_uninstalled_alone_it_leaves_the_addon_as_it_was(copy_of, made):
    """What stays is what the addon and the apps have when each is alone."""
    database = copy_of(made["all"].database, "alone")
    now = Snapshot(database)
    log = odoo(*configured("module", "uninstall"), "-d", database, BESIDE)
    assert complaints(log) == []
    assert (
        now.structure() ^ (made["addon"].structure() | made["apps"].structure())
        == set()
    )
    names = made["addon"].names() | made["apps"].names()
    assert without_odoos_own(now.names() ^ names) == set()


@needs_both
def test_installing_logs_no_warning():
    assert complaints(Path(os.environ["NKA_INSTALL_LOG"]).read_text()) == []
