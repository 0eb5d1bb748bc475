"""Throw-away copies of the databases of `make test`, and Odoo commands run on them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CLONE = Path(__file__).parents[1]
ADDON = "nka_key_accounts"
# Tables in which Odoo keeps data about modules, and data it creates or removes itself.
UNTOLD_TABLES = (
    "bus_bus",
    "ir_attachment",
    "ir_cron",
    "ir_cron_trigger",
    "ir_logging",
    "ir_model_constraint",  # keeps foreign keys whose columns Odoo has dropped
    "ir_module_module",
    "ir_module_module_dependency",
    "ir_module_module_exclusion",
    "orm_signaling_assets",
    "orm_signaling_default",
    "orm_signaling_groups",
    "orm_signaling_registry",
    "orm_signaling_routing",
    "orm_signaling_stable",
    "orm_signaling_templates",
)

needs_databases = pytest.mark.skipif(
    "NKA_ADDON_DATABASE" not in os.environ,
    reason="the databases are made by `make test`",
)


def odoo(*words, check=True):
    """Run an Odoo command and return its log; on failure, show the end of the log.

    :param bool check: whether the command has to succeed
    """
    done = subprocess.run(
        [sys.executable, "-m", "odoo", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert not (check and done.returncode), done.stderr[-3000:]
    return done.stderr


def configured(*words):
    """Return the words of a command followed by this run's configuration."""
    return (*words, "-c", os.environ["ODOO_RC"])


@pytest.fixture
def copy_of():
    """Return a function that copies a database; copies are dropped after the test."""
    made = []

    def copy(template, suffix):
        name = f"{template}_{suffix}_{os.getpid()}"
        subprocess.run(["createdb", "-T", template, name], check=True)
        made.append(name)
        return name

    yield copy
    for name in made:
        subprocess.run(["dropdb", "--if-exists", "--force", name], check=True)


def assert_passes(database, program, *words, environment=None):
    """Assert that a module of the tests, run as a program on a database, exits with 0.

    Its output is shown if it fails.

    :param words: further words of its command line
    :param dict environment: its environment variables; those of the tests by default
    """
    done = subprocess.run(
        [sys.executable, "-m", program, os.environ["ODOO_RC"], database, *words],
        cwd=CLONE,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
