"""Append to the trail from many sessions, some failing, with real commits."""

import os

import pytest

from ..throw_away import assert_passes, needs_databases


@needs_databases
@pytest.mark.slow
def test_concurrent_sessions(copy_of):
    """Runs in a separate process, on a copy without other connections."""
    name = copy_of(os.environ["NKA_ADDON_DATABASE"], "trail")
    assert_passes(name, "tests.trail.race")
