"""Eight sessions on one chain, two supervisors on one document: real cursors, real commits."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .throw_away import needs_databases

HERE = Path(__file__).parent


@needs_databases
@pytest.mark.slow
def test_sessions_at_once(copy_of):
    """In a process of its own, on a copy that nobody else is connected to."""
    name = copy_of(os.environ["NKA_ADDON_DATABASE"], "control")
    done = subprocess.run(
        [sys.executable, "-m", "tests.race_control", os.environ["ODOO_RC"], name],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
