"""Eight sessions on one chain, two supervisors on one document: real cursors, real commits."""

import os

import pytest

from ..throw_away import needs_databases, run_on


@needs_databases
@pytest.mark.slow
def test_sessions_at_once(copy_of):
    """In a process of its own, on a copy that nobody else is connected to."""
    name = copy_of(os.environ["NKA_ADDON_DATABASE"], "control")
    run_on(name, "tests.documents.race")
