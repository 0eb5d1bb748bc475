"""Eight concurrent sessions on one hash chain, two supervisors on one document, with
real cursors and commits.
"""

import os

import pytest

from ..throw_away import assert_passes, needs_databases


@needs_databases
@pytest.mark.slow
def test_concurrent_sessions(copy_of):
    """Runs in a separate process on a copy of the database without other connections."""
    name = copy_of(os.environ["NKA_ADDON_DATABASE"], "control")
    assert_passes(name, "tests.documents.race")
