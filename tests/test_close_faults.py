"""Two officers at once, payments meanwhile, exceptions and killed backends at every step."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .throw_away import needs_databases

HERE = Path(__file__).parent


@needs_databases
@pytest.mark.slow
def test_a_close_is_all_or_nothing(copy_of):
    """In a process of its own, on a copy of the database: its transactions are real."""
    name = copy_of(os.environ["NKA_ADDON_DATABASE"], "close")
    done = subprocess.run(
        [sys.executable, "-m", "tests.race_close", os.environ["ODOO_RC"], name],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
