"""make clean: stops everything of this clone and removes what its commands made."""

import shutil

from ..setup.cluster import remove_cluster
from ..setup.messages import say
from ..setup.places import BUILD
from . import stop


def run():
    """Remove the build folder and the cluster, wherever that is."""
    if not BUILD.is_dir():
        return
    stop.run()
    remove_cluster()
    say(f"removing {BUILD}")
    shutil.rmtree(BUILD)
