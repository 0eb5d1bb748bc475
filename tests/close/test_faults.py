"""Two officers at once, payments meanwhile, exceptions and killed backends at every step."""

import os

import pytest

from ..throw_away import assert_passes, needs_databases


@needs_databases
@pytest.mark.slow
def test_a_close_is_all_or_nothing(copy_of):
    """In a process of its own, on a copy of the database: its transactions are real."""
    name = copy_of(os.environ["NKA_ADDON_DATABASE"], "close")
    assert_passes(name, "tests.close.race")
