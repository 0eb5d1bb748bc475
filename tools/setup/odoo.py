"""Runs Odoo's own commands with the configuration of this clone."""

import itertools
import os

from .foreground import foreground
from .places import CLONE, CONFIG, FILES, PYTHON
from .venv import caches
from .watched import watched

# Odoo's own memory limit would also bind the browser of the tests.
SETTINGS = """\
[options]
db_host = {host}
db_port = {port}
db_user = {role}
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


def write_configuration(tree, cluster):
    """Write the configuration that every Odoo process of this clone starts from."""
    reached = cluster.environment()
    text = SETTINGS.format(
        host=reached["PGHOST"],
        port=reached["PGPORT"],
        role=reached["PGUSER"],
        addons=",".join(map(str, (CLONE, *tree.addons))),
        files=FILES,
    )
    FILES.mkdir(parents=True, exist_ok=True)
    CONFIG.write_text(text)


def odoo_command(*words):
    """The command line of Odoo's program, or of one of its sub-commands given first."""
    sub = list(itertools.takewhile(lambda word: not word.startswith("-"), words))
    return [str(PYTHON), "-m", "odoo", *sub, "-c", str(CONFIG), *words[len(sub) :]]


def odoo_environment(cluster, **more):
    """The environment of every process that works with Odoo."""
    return {**os.environ, **caches(), **cluster.environment(), **more}


def odoo_watched(cluster, label, *words):
    """Run Odoo to its end, with progress; returns the path of its log."""
    return watched(
        label, odoo_command(*words), env=odoo_environment(cluster), cwd=CLONE
    )


def odoo_script(cluster, database, script, **more):
    """Run a Python file in an Odoo shell, its output on the terminal.

    :param more: environment variables the script reads.
    :return: the exit code.
    """
    command = odoo_command("shell", "-d", database, "--no-http", "--log-level=warn")
    with open(script, "rb") as source:
        return foreground(
            command, stdin=source, env=odoo_environment(cluster, **more), cwd=CLONE
        )
