"""Eight sessions on one chain, two supervisors on one document: real cursors, real commits."""

import os

import pytest

from ..throw_away import assert_passes, needs_databases


@needs_databases
@pytest.mark.slow
def test_sessions_at_once(copy_of):
    """In a process of its own, on a copy that nobody else is connected to."""
    name = copy_of(os.environ["NKA_ADDON_DATABASE"], "control")
    assert_passes(name, "tests.documents.race")
