"""make real: loads a folder of real opportunities into a database of its own."""

import os
from pathlib import Path

from ..setup.foreground import foreground
from ..setup.messages import Problem
from ..setup.odoo import odoo_environment
from ..setup.places import CLONE, CONFIG, PYTHON
from ..setup.workshop import workshop

DATABASE = "real"
SCRIPT = CLONE / "tools" / "real" / "run.py"
# Where the real files lie when nobody names their folder.
BESIDE = CLONE.parent / "shared" / "data" / "crm_opportunities"


def run():
    """Load the folder named in DATA; returns the loader's exit code."""
    folder = data_folder(real_folder(os.environ.get("DATA")))
    with workshop() as ready:
        database = ready.databases.with_addon(DATABASE)
        command = [str(PYTHON), str(SCRIPT), "--config", str(CONFIG)]
        command += ["--database", database, "--data", str(folder)]
        return foreground(command, env=odoo_environment(ready.cluster), cwd=CLONE)


def real_folder(named, beside=BESIDE):
    """The folder a person named, or the one beside the clone; None when there is neither.

    :raises Problem: when the named one is not there.
    """
    if named:
        return data_folder(named)
    return beside if beside.is_dir() else None


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
