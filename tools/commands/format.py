"""make format: writes the Python code as ruff would have it."""

import os
import subprocess

from ..setup.places import CLONE, PYTHON
from ..setup.venv import caches
from ..setup.workshop import python_ready
from .lint import PYTHON_PLACES


def run():
    """Sort imports, apply safe fixes and format; returns ruff's exit code."""
    python_ready()
    environment = {**os.environ, **caches()}
    subprocess.run(
        [PYTHON, "-m", "ruff", "check", "--fix", "--quiet", *PYTHON_PLACES],
        cwd=CLONE,
        env=environment,
        check=False,
    )
    return subprocess.run(
        [PYTHON, "-m", "ruff", "format", *PYTHON_PLACES],
        cwd=CLONE,
        env=environment,
        check=False,
    ).returncode
