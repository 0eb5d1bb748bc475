"""Count reads of many sessions at once, on a replica and without, with real commits."""

import os

import pytest

from ..throw_away import assert_passes, needs_databases


@needs_databases
@pytest.mark.slow
def test_requests_at_once(copy_of):
    """Runs in a separate process, on a copy without other connections."""
    name = copy_of(os.environ["NKA_ADDON_DATABASE"], "reading")
    assert_passes(name, "tests.reading.race")
