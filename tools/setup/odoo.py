"""The Python environment of Odoo, and Odoo commands with this clone's configuration."""

import itertools
import os
import shutil
import sys

from . import pdf
from .places import (
    CLONE,
    CONFIG,
    FILES,
    PYTHON,
    VENV,
    Problem,
    caches,
    digest_of,
    digest_of_files,
)
from .terminal import foreground, watched

# requirements.txt and requirements-test.txt, resolved for all Python versions of Odoo
# 19.
LOCK = CLONE / "requirements.lock"
ADDONS = CLONE / "requirements-addons.txt"
MARK = VENV / "nka-digest"
# Odoo's memory limit would also apply to the browser of the tests.
SETTINGS = """\
[options]
db_host = {PGHOST}
db_port = {PGPORT}
db_user = {PGUSER}
addons_path = {addons}
data_dir = {files}
http_interface = 127.0.0.1
list_db = False
max_cron_threads = 0
limit_memory_hard = 0
limit_memory_soft = 0
limit_time_real = 3600
limit_time_cpu = 3600
"""


def virtual_environment(tree):
    """Create the environment, unless it was created from the same lists and Python.

    :param tree: the OdooTree from which `odoo` is imported.
    """
    lists = digest_of_files(LOCK, ADDONS)
    wanted = digest_of(sys.version_info[:2], str(VENV), lists)
    if not MARK.is_file() or MARK.read_text() != wanted:
        _make()
        MARK.write_text(wanted)
    pointer, line = site_packages() / "odoo_tree.pth", f"{tree.python_path}\n"
    if not pointer.is_file() or pointer.read_text() != line:
        pointer.write_text(line)


def _make():
    shutil.rmtree(VENV, ignore_errors=True)
    watched("making the Python environment", [sys.executable, "-m", "venv", VENV])
    words = (
        "-m pip --disable-pip-version-check install --progress-bar off --require-hashes"
    )
    pip = [PYTHON, *words.split()]
    try:
        watched("installing what Odoo and the tests import", [*pip, "-r", LOCK])
        watched("installing OCA payroll", [*pip, "--no-deps", "-r", ADDONS])
    except Problem as problem:
        raise Problem(
            "Python's packages could not be installed: check the network and pip's "
            "configuration, then try again."
        ) from problem


def site_packages():
    """Return the site-packages folder of the environment."""
    return next(VENV.glob("lib/python3.*/site-packages"))


def payroll_version():
    """Return the installed version of OCA payroll, read from its folder names."""
    found = site_packages().glob("odoo_addon_payroll-*.dist-info")
    return sorted(folder.name for folder in found)


def write_configuration(tree, cluster):
    """Write the configuration of all Odoo processes of this clone."""
    addons = ",".join(map(str, (CLONE, *tree.addons)))
    FILES.mkdir(parents=True, exist_ok=True)
    CONFIG.write_text(
        SETTINGS.format(addons=addons, files=FILES, **cluster.environment())
    )


def odoo_command(*words):
    """Return the command line of Odoo, or of the sub-command given first."""
    sub = list(itertools.takewhile(lambda word: not word.startswith("-"), words))
    return [str(PYTHON), "-m", "odoo", *sub, "-c", str(CONFIG), *words[len(sub) :]]


def odoo_environment(cluster, **more):
    """Return the environment variables of all processes that use Odoo."""
    reached = cluster.environment()
    return {
        **os.environ,
        **caches(),
        **reached,
        **pdf.environment(reached["PATH"]),
        **more,
    }


def odoo_watched(cluster, label, *words):
    """Run Odoo until it ends, showing progress; return the path of its log."""
    environment = odoo_environment(cluster)
    return watched(label, odoo_command(*words), env=environment, cwd=CLONE)


def odoo_shell(cluster, database, script=None, **more):
    """Run an Odoo shell on the terminal, interactive or with a Python file.

    :param script: the file; without one, standard input is passed on.
    :param more: environment variables that the script reads.
    :return: the exit code.
    """
    command = odoo_command("shell", "-d", database, "--no-http", "--log-level=warn")
    options = {"env": odoo_environment(cluster, **more), "cwd": CLONE}
    if script is None:
        return foreground(command, **options)
    with open(script, "rb") as source:
        return foreground(command, stdin=source, **options)
