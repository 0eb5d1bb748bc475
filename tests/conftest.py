"""Make the tests fail on warnings of the addons.

pytest-odoo sets Odoo's log level to critical, so that warnings wouldn't be seen.
"""

import logging
import os
import shutil
import warnings
from pathlib import Path
from unittest import mock

import pytest

from .throw_away import copy_of  # noqa: F401 - a fixture for every module

# The loggers of the addons beside it start with this, too.
ADDON_LOGGER = "odoo.addons.nka_key_accounts"
# Loggers in which Odoo warns about an addon's models, constraints, views and deprecated
# calls.
LISTENED = (
    ADDON_LOGGER,
    "odoo.addons.base",
    "odoo.domains",
    "odoo.fields",
    "odoo.models",
    "odoo.modules",
    "odoo.orm",
    "odoo.registry",
    "odoo.schema",
    "odoo.tools",
    "py.warnings",
)
# Categories for code that works by accident, such as a value of the wrong type for a
# field.
PYTHON_WARNINGS = (DeprecationWarning, PendingDeprecationWarning, UserWarning)
OURS = ("nka_key_accounts", "nka.", "nka_", "unable to add constraint")


class Listener(logging.Handler):
    """Collect the warnings that concern this addon."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.heard = []

    def emit(self, record):
        message = record.getMessage()
        if record.name.startswith(ADDON_LOGGER) or any(
            word in message for word in OURS
        ):
            self.heard.append(f"{record.levelname} {record.name}: {message}")

    def drain(self):
        """Return the warnings collected since the last call."""
        heard, self.heard = self.heard, []
        return heard


LISTENER = Listener()


def pytest_sessionstart():
    """Listen before the registry is loaded; Odoo has set its log levels by now."""
    for name in LISTENED:
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING)
        logger.addHandler(LISTENER)


def pytest_collection_modifyitems(items):
    """Run the slow tests first, so that all workers finish at about the same time."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(autouse=True)
def no_warning():
    """Fail a test if it, or the setup before it, makes the addon log a warning.

    Expected warnings are caught with `assertLogs`, which keeps them from this fixture.
    """
    yield
    heard = LISTENER.drain()
    assert not heard, "the log holds warnings of the addon:\n" + "\n".join(heard)


@pytest.fixture(scope="session", autouse=True)
def own_files(request):
    """Give each worker its own file store.

    pytest-odoo lets all workers use the file store of the template database. After
    every test class Odoo removes files that no committed row of its database refers to,
    including those that another worker is using.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if not worker or not request.config.pluginmanager.hasplugin("odoo"):
        yield
        return
    request.getfixturevalue("load_registry")
    from odoo.tools import config

    shared = Path(config.filestore("shared"))
    own = shared.with_name(f"{shared.name}-{worker}")
    shutil.rmtree(own, ignore_errors=True)
    if shared.is_dir():
        shutil.copytree(shared, own)
    with mock.patch.object(config, "filestore", lambda dbname: str(own)):
        yield
    shutil.rmtree(own, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def people_of_tests(request, own_files):
    """Create the users of the tests, once for all test classes."""
    if not request.config.pluginmanager.hasplugin("odoo"):
        return
    request.getfixturevalue("load_registry")
    from .common import commit_people

    commit_people()


@pytest.hookimpl
def pytest_warning_recorded(warning_message):
    """Treat Python warnings about the addon like warnings in the log."""
    about = f"{warning_message.filename} {warning_message.message}"
    if issubclass(warning_message.category, PYTHON_WARNINGS) and any(
        word in about for word in OURS
    ):
        LISTENER.heard.append(warnings.formatwarning(*_place(warning_message)).strip())


def _place(warning_message):
    return (
        warning_message.message,
        warning_message.category,
        warning_message.filename,
        warning_message.lineno,
    )
