"""make test: the whole suite under pytest-odoo, on copies of a database that has the addon."""

import os
import shlex

from ..setup.foreground import foreground
from ..setup.odoo import odoo_environment
from ..setup.places import BUILD, CLONE, CONFIG, LOGS, PYTHON
from ..setup.workshop import workshop
from .real import real_folder

TEMPLATE = "tests"
MOST_WORKERS = 4


def run():
    """Run pytest; returns its exit code. ARGS are passed on."""
    arguments = shlex.split(os.environ.get("ARGS") or "")
    with workshop() as ready:
        template = ready.databases.with_addon(TEMPLATE)
        # Each worker copies the template; one narrow run is sooner done without the pages.
        if workers(arguments):
            database = ready.databases.with_pages(template)
        else:
            database = ready.databases.clone(template, f"{TEMPLATE}_single")
        command = [
            str(PYTHON),
            "-m",
            "pytest",
            *pytest_options(database, arguments),
            *arguments,
        ]
        return foreground(command, env=_environment(ready, template), cwd=CLONE)


def pytest_options(database, arguments):
    """Options of every run: each worker gets its own copy of the database and its own port."""
    options = [
        f"--odoo-database={database}",
        "--odoo-http",
        "-o",
        f"cache_dir={BUILD / 'cache' / 'pytest'}",
    ]
    count = workers(arguments)
    return (
        [*options, "-n", str(count), "--dist", "loadscope", "--no-loadscope-reorder"]
        if count
        else options
    )


def workers(arguments, processors=None):
    """How many workers to start: none when the person decides or debugs."""
    decided = ("-n", "--pdb", "--numprocesses", "no:xdist")
    if any(argument.startswith(decided) for argument in arguments):
        return 0
    return max(1, min(MOST_WORKERS, processors or os.cpu_count() or 1))


def _environment(ready, template):
    # With the real files at hand, the loader's tests also run on them.
    folder = real_folder(os.environ.get("DATA"))
    real = {"NKA_REAL_DATA": str(folder)} if folder else {}
    return odoo_environment(
        ready.cluster,
        **real,
        ODOO_RC=str(CONFIG),
        NKA_DEPENDENCIES_DATABASE=ready.databases.dependencies(),
        NKA_ADDON_DATABASE=template,
        NKA_INSTALL_LOG=str(LOGS / f"{TEMPLATE}-install.log"),
    )
