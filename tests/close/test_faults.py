"""Two officers at once, payments in between, exceptions and killed backends at every
step.
"""

import os

import pytest

from ..throw_away import assert_passes, needs_databases


@needs_databases
@pytest.mark.slow
def test_close_is_atomic(copy_of):
    """Runs in a separate process on a copy of the database, with real transactions."""
    name = copy_of(os.environ["NKA_ADDON_DATABASE"], "close")
    assert_passes(name, "tests.close.race")
