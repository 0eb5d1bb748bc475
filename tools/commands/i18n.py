"""make i18n: writes the template of all terms and merges it into the Russian translation."""

import subprocess

from ..setup.messages import say
from ..setup.odoo import odoo_environment, odoo_watched
from ..setup.places import ADDON, ADDON_NAME, CLONE, PYTHON
from ..setup.workshop import workshop
from .test import TEMPLATE

POT = ADDON / "i18n" / f"{ADDON_NAME}.pot"
TRANSLATIONS = (ADDON / "i18n" / "ru.po",)


def run():
    """Export the terms of the addon as it is installed for the tests, then merge."""
    POT.parent.mkdir(exist_ok=True)
    with workshop() as ready:
        database = ready.databases.with_addon(TEMPLATE)
        words = (
            "i18n",
            "export",
            "-d",
            database,
            "-l",
            "pot",
            "-o",
            str(POT),
            ADDON_NAME,
        )
        odoo_watched(ready.cluster, "exporting the terms", *words)
        say("merging the translations")
        merge = [PYTHON, "-m", "tools.i18n.merge", POT, *TRANSLATIONS]
        environment = odoo_environment(ready.cluster)
        return subprocess.run(merge, cwd=CLONE, env=environment, check=False).returncode
