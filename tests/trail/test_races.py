"""Many sessions at once append to the trail, some fail: real cursors, real commits."""

import os

import pytest

from ..throw_away import assert_passes, needs_databases


@needs_databases
@pytest.mark.slow
def test_the_trail_without_contention(copy_of):
    """In a process of its own, on a copy that nobody else is connected to."""
    name = copy_of(os.environ["NKA_ADDON_DATABASE"], "trail")
    assert_passes(name, "tests.trail.race")
