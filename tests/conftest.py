"""The suite fails on warnings: pytest-odoo keeps Odoo's log at critical, where they would never be seen."""

import logging
import os
import shutil
import warnings
from pathlib import Path
from unittest import mock

import pytest

from .throw_away import copy_of  # noqa: F401 - a fixture for every module

ADDON_LOGGER = "odoo.addons.nka_key_accounts"
# Loggers in which Odoo complains about an addon's models, constraints, views and deprecated calls.
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
# What Odoo and Python say of code that works by chance, such as a field given a value of another kind.
PYTHON_WARNINGS = (DeprecationWarning, PendingDeprecationWarning, UserWarning)
OURS = ("nka_key_accounts", "nka.", "nka_", "unable to add constraint")


class Listener(logging.Handler):
    """Keeps the warnings that are this addon's own."""

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
        """What was heard since the last call."""
        heard, self.heard = self.heard, []
        return heard


LISTENER = Listener()


def pytest_sessionstart():
    """Listen from before the registry is loaded; Odoo has set its log levels by now."""
    for name in LISTENED:
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING)
        logger.addHandler(LISTENER)


def pytest_collection_modifyitems(items):
    """Start with what takes longest, so that the workers end together."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(autouse=True)
def no_warning():
    """A test fails when it, or the setting up before it, makes the addon log a warning.

    One that is expected is caught with `assertLogs`, which keeps it from getting here.
    """
    yield
    heard = LISTENER.drain()
    assert not heard, "the log holds warnings of the addon:\n" + "\n".join(heard)


@pytest.fixture(scope="session", autouse=True)
def own_files(request):
    """Give a worker files of its own.

    pytest-odoo lets all workers use those of the template, and Odoo removes what no
    committed row of its database names after every test class: what another worker
    is just working with.
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


@pytest.hookimpl
def pytest_warning_recorded(warning_message):
    """A Python warning about our own code or models is a finding like one in the log."""
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
