"""make lint: the rules every file of the project keeps."""

import os
import subprocess

from ..checks import readme, xml_files
from ..setup.messages import say
from ..setup.places import ADDON, CLONE, PYTHON
from ..setup.venv import caches
from ..setup.workshop import python_ready

PYTHON_PLACES = ("nka_key_accounts", "tests", "tools", "benchmarks", "setup.py")


def run():
    """Run every check, also after one has failed; returns 1 if any did."""
    python_ready()
    results = [
        _tool("ruff check", "-m", "ruff", "check", *PYTHON_PLACES),
        _tool("ruff format", "-m", "ruff", "format", "--check", *PYTHON_PLACES),
        _tool("pylint-odoo", "-m", "pylint", "--rcfile=pyproject.toml", ADDON.name),
        _tool("byte compilation", "-m", "compileall", "-q", *PYTHON_PLACES),
        _report("XML files", xml_files.findings(ADDON)),
        _report("README.rst", list(readme.findings(ADDON))),
    ]
    failed = [name for name, passed in results if not passed]
    say(f"lint: {', '.join(failed)} failed" if failed else "lint: everything passed")
    return 1 if failed else 0


def _tool(name, *words):
    say(name)
    done = subprocess.run(
        [PYTHON, *words], cwd=CLONE, env={**os.environ, **caches()}, check=False
    )
    return name, done.returncode == 0


def _report(name, findings):
    say(name)
    for finding in findings:
        print(finding)
    return name, not findings
