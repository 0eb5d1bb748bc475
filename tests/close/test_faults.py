"""Two officers at once, payments in between, exceptions and killed backends at every
step.
"""

import os

import pytest

from ..own_cluster import own_cluster
from ..throw_away import assert_passes, needs_databases


@needs_databases
@pytest.mark.slow
def test_close_is_atomic(copy_of):
    """Runs in a separate process on a copy of the database, with real transactions."""
    name = copy_of(os.environ["NKA_ADDON_DATABASE"], "close")
    assert_passes(name, "tests.close.race")


@needs_databases
@pytest.mark.slow
def test_close_survives_the_server():
    """A full disk and crashes of the server, on a cluster of its own."""
    name = os.environ["NKA_ADDON_DATABASE"]
    with own_cluster(name) as cluster:
        assert_passes(
            name,
            "tests.close.race_server",
            str(cluster.socket),
            environment=cluster.environment(),
        )
