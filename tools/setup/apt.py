"""Debian packages without installing them: a private apt configuration, and `dpkg -x` into a folder.

The system's sources, indexes and packages stay as they are, and no root is needed.
"""

import functools
import os
import shutil
import subprocess
from pathlib import Path

from .messages import Problem, say
from .mirror import debian_mirror, signed_by
from .places import BUILD
from .watched import watched

# A mirror's sid index may be past its date; signatures are still checked, and Odoo's digest is pinned.
CONFIGURATION = """\
Dir::State "{home}/state";
Dir::State::lists "{home}/lists";
Dir::State::status "/dev/null";
Dir::Cache "{home}/cache";
Dir::Etc::sourcelist "{home}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
APT::Sandbox::User "";
"""


class Apt:
    """apt of one Debian suite, with everything it writes inside the build folder."""

    def __init__(self, suite):
        self.suite = suite
        self.home = BUILD / "apt" / suite
        self.settings = self.home / "apt.conf"

    def refresh(self):
        """Fetch the suite's index from the machine's own mirror.

        :raises Problem: when there is no apt, no mirror or no network.
        """
        mirror = debian_mirror()
        for folder in ("lists/partial", "cache/archives/partial", "state"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        (self.home / "sources.list").write_text(
            f"deb {signed_by()}{mirror} {self.suite} main\n"
        )
        self.settings.write_text(CONFIGURATION.format(home=self.home))
        self._update()

    def _update(self):
        try:
            watched(
                f"reading the package index of Debian {self.suite}",
                self._command("apt-get", "update", "--error-on=any"),
            )
        except Problem as problem:
            raise Problem(
                "The Debian mirror of this machine could not be read: "
                "check the network and the proxy, then try again."
            ) from problem

    def versions(self, package):
        """The versions of a package in this suite, newest first."""
        lines = self._ask("apt-cache", "madison", package).splitlines()
        return [line.split("|")[1].strip() for line in lines if line.count("|") >= 2]

    def depends(self, package):
        """What a package directly depends on, virtual packages and alternatives left out."""
        lines = self._ask(
            "apt-cache", "depends", "--no-recommends", "--no-suggests", package
        ).splitlines()
        return [
            line.split("Depends: ")[1]
            for line in lines
            if line.startswith("  Depends: ") and "<" not in line
        ]

    def download(self, packages, folder):
        """Fetch packages, checked against the signed index.

        :param packages: names, each with `=version` if it has to be that one.
        :return: the files, in the order asked for.
        """
        folder.mkdir(parents=True, exist_ok=True)
        label = f"downloading {', '.join(packages) if len(packages) < 4 else f'{len(packages)} packages'} from Debian"
        watched(label, self._command("apt-get", "download", *packages), cwd=folder)
        return [
            next(folder.glob(f"{package.split('=')[0]}_*.deb")) for package in packages
        ]

    def _ask(self, *words):
        return subprocess.run(
            self._command(*words), capture_output=True, text=True, check=False
        ).stdout

    def _command(self, tool, *words):
        return [tool, "-c", str(self.settings), *words]


@functools.cache
def refreshed(suite):
    """apt of a suite with an index fetched in this run."""
    apt = Apt(suite)
    apt.refresh()
    return apt


def unpack(files, root):
    """Unpack package files below a folder, as if that were the root of a system."""
    root.mkdir(parents=True, exist_ok=True)
    for file in files:
        subprocess.run(["dpkg", "-x", str(file), str(root)], check=True)


def in_one_move(making, wanted):
    """Put a finished folder in its place; a half-made one is never found there."""
    if wanted.exists():
        shutil.rmtree(wanted)
    wanted.parent.mkdir(parents=True, exist_ok=True)
    os.replace(making, wanted)


def fresh(folder):
    """An empty folder to make something in."""
    folder = Path(folder)
    if folder.exists():
        say(f"removing the unfinished {folder.name}")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder
