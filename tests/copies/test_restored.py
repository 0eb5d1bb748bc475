"""Real copies of a database with a locked month, in real transactions."""

import os
import subprocess

import pytest

from ..throw_away import assert_passes, needs_databases


@needs_databases
@pytest.mark.slow
def test_restored_copies_recognize_themselves(copy_of):
    """Prepare one database, then open a restored dump and a duplicate of it."""
    name = copy_of(os.environ["NKA_ADDON_DATABASE"], "original")
    assert_passes(name, "tests.copies.original")
    duplicate = copy_of(name, "duplicate")
    restored = copy_of("template0", "restored")
    dump = subprocess.run(["pg_dump", "-Fc", name], check=True, capture_output=True)
    restoring = ["pg_restore", "--no-owner", "-d", restored]
    subprocess.run(restoring, input=dump.stdout, check=True)
    assert_passes(restored, "tests.copies.restored")
    assert_passes(duplicate, "tests.copies.neutralized")
