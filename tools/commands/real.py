"""make real: loads a folder of real opportunities into a database of its own."""

import os
from pathlib import Path

from ..setup.messages import Problem
from ..setup.foreground import foreground
from ..setup.odoo import odoo_environment
from ..setup.places import CLONE, CONFIG, PYTHON
from ..setup.workshop import workshop

DATABASE = "real"
SCRIPT = CLONE / "tools" / "real" / "run.py"


def run():
    """Load the folder named in DATA; returns the loader's exit code."""
    folder = data_folder(os.environ.get("DATA"))
    with workshop() as ready:
        database = ready.databases.with_addon(DATABASE)
        command = [str(PYTHON), str(SCRIPT), "--config", str(CONFIG)]
        command += ["--database", database, "--data", str(folder)]
        return foreground(command, env=odoo_environment(ready.cluster), cwd=CLONE)


def data_folder(named):
    """The folder a person named.

    :raises Problem: when none is named or it is not there.
    """
    if not named:
        raise Problem(
            "Name the folder of the files to load, as in `make real DATA=../crm_opportunities`."
        )
    folder = Path(named).expanduser().resolve()
    if not folder.is_dir():
        raise Problem(
            f"DATA={named} is no folder: name the one that holds the CSV files."
        )
    return folder
