"""Update by Odoo's command on a copy of a database."""

import os
import subprocess

import pytest

from ..throw_away import ADDON, UNTOLD_TABLES, configured, needs_databases, odoo
from .database_snapshot import Snapshot

pytestmark = pytest.mark.slow


TRIGGERS = """
    SELECT oid, tgrelid::regclass, tgname, tgenabled, pg_get_triggerdef(oid)
      FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgrelid, tgname"""
TAMPERED = """
    ALTER TABLE nka_audit_event DISABLE TRIGGER nka_audit_event_append_only;
    DROP TRIGGER nka_audit_seal_kept ON nka_audit_seal;
    DROP TRIGGER nka_audit_head_no_truncate ON nka_audit_head;
    CREATE TRIGGER nka_audit_head_no_truncate AFTER TRUNCATE ON nka_audit_head
       FOR EACH STATEMENT EXECUTE FUNCTION nka_audit_head_forward();
    ALTER TABLE nka_audit_head ENABLE ALWAYS TRIGGER nka_audit_head_no_truncate"""


def run(database, statement):
    """Run SQL and return the rows as text."""
    words = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


@needs_databases
def test_updating_twice_changes_nothing(copy_of):
    with_addon = Snapshot(os.environ["NKA_ADDON_DATABASE"])
    database = copy_of(with_addon.database, "update")
    triggers = run(database, TRIGGERS)
    for tampered, count in (("", 0), (TAMPERED, 3)):
        run(database, tampered)
        odoo(
            *configured(), "-d", database, "-u", ADDON, "--stop-after-init", "--no-http"
        )
        made_again = {*run(database, TRIGGERS)} - {*triggers}
        # Triggers are as before, and only those that weren't are made again.
        assert len(made_again) == count
        assert _without_ids(run(database, TRIGGERS)) == _without_ids(triggers)
    now = Snapshot(database)
    assert now.structure() ^ with_addon.structure() == set()
    assert now.rows(UNTOLD_TABLES) ^ with_addon.rows(UNTOLD_TABLES) == set()


def _without_ids(rows):
    return [row.partition("|")[2] for row in rows]
