"""Debian packages without installing them: a private apt configuration, and `dpkg -x` into a folder.

The system's sources, indexes and packages stay as they are, and no root is needed. The mirror is the
one this machine already uses: no host is written down anywhere in this project.
"""

import functools
import re
import shutil
import subprocess
from pathlib import Path

from .places import BUILD, Problem
from .terminal import watched

KEYRINGS = ("debian-archive-keyring.gpg", "debian-archive-keyring.pgp")
# Everything apt keeps lies in {home}. What is relaxed, and why that is safe:
# - status: nothing counts as installed, for nothing gets installed;
# - Check-Valid-Until: a mirror may serve an index of sid past its date. Signatures are checked all
#   the same, and the digest of Odoo's package is pinned (odoo_tree.py);
# - Sandbox::User: as root apt would fetch as `_apt`, who has no way into a clone below /root. What
#   is fetched is data, and unpacking it runs no script of any package.
# The system's sources and preferences are left out (sourceparts, preferencesparts): what one machine
# prefers must not choose another version. Translations and file lists are of no use here.
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


class NoArchive(Problem):
    """This machine has no way to Debian's packages."""


def mirrors(listing=None):
    """The addresses of the archives that apt has a whole release of, in the order of its sources.

    Archives of updates and security carry a dash or slash in the name of their suite. One of a third
    party may be among those found: it hasn't Debian's signature, so `Apt.refresh` passes it over.

    :param listing: what `apt-get update --print-uris` prints; apt is asked when it is left out.
    """
    if listing is None:
        asked = ["apt-get", "update", "--print-uris"]
        listing = subprocess.run(
            asked, capture_output=True, text=True, check=False
        ).stdout
    found = re.findall(r"^'(\S+?)/+dists/\w+/main/binary-", listing, re.MULTILINE)
    return list(dict.fromkeys(found))


def release_codename(file=Path("/etc/os-release")):
    """The code name of this machine's own Debian release, whose packages run here."""
    text = file.read_text() if file.is_file() else ""
    match = re.search(r"^VERSION_CODENAME=\"?(\w+)", text, re.MULTILINE)
    return match.group(1) if match else "sid"


def signed_by(folder=Path("/usr/share/keyrings")):
    """The option that ties the private sources to Debian's own key.

    Without the keyring's file it is left out, and apt checks against the keys it trusts itself.
    """
    found = next((name for name in KEYRINGS if (folder / name).is_file()), None)
    return f"[signed-by={folder / found}] " if found else ""


class Apt:
    """apt of one Debian suite, with everything it writes inside the build folder."""

    def __init__(self, suite):
        self.suite = suite
        self.home = BUILD / "apt" / suite
        self.settings = self.home / "apt.conf"

    def refresh(self):
        """Fetch the suite's index from the first of the machine's archives that is Debian's.

        :raises NoArchive: when there is none, or no network.
        """
        for folder in ("lists/partial", "cache/archives/partial", "state"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        self.settings.write_text(CONFIGURATION.format(home=self.home))
        label = f"reading the package index of Debian {self.suite}"
        for mirror in mirrors():
            source = f"deb {signed_by()}{mirror} {self.suite} main\n"
            (self.home / "sources.list").write_text(source)
            try:
                watched(label, self._command("apt-get", "update", "--error-on=any"))
            except Problem:
                continue
            return
        raise NoArchive(
            "No Debian archive could be read: check the network and the proxy, add Debian's archive "
            "to apt's sources, or name an Odoo 19 tree in ODOO_PATH and PostgreSQL's programs in PG_BIN."
        )

    def versions(self, package):
        """The versions of a package in this suite, newest first."""
        lines = self._ask("apt-cache", "madison", package).splitlines()
        return [line.split("|")[1].strip() for line in lines if line.count("|") >= 2]

    def depends(self, package):
        """What a package directly depends on, virtual packages and alternatives left out."""
        words = ("depends", "--no-recommends", "--no-suggests", package)
        lines = self._ask("apt-cache", *words).splitlines()
        mark = "  Depends: "
        return [
            line.removeprefix(mark)
            for line in lines
            if line.startswith(mark) and "<" not in line
        ]

    def download(self, packages, folder):
        """Fetch packages, checked against the signed index.

        :param packages: names, each with `=version` if it has to be that one.
        :return: the files, in the order asked for.
        """
        folder.mkdir(parents=True, exist_ok=True)
        what = ", ".join(packages) if len(packages) < 4 else f"{len(packages)} packages"
        command = self._command("apt-get", "download", *packages)
        watched(f"downloading {what} from Debian", command, cwd=folder)
        names = [package.split("=")[0] for package in packages]
        return [next(folder.glob(f"{name}_*.deb")) for name in names]

    def _ask(self, *words):
        asked = self._command(*words)
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout

    def _command(self, tool, *words):
        return [tool, "-c", str(self.settings), *words]


@functools.cache
def refreshed(suite):
    """apt of a suite with an index fetched in this run.

    :raises NoArchive: where there is no apt, or no archive of Debian's.
    """
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise NoArchive(
            "This machine has no apt: name an Odoo 19 tree in ODOO_PATH and PostgreSQL's programs in PG_BIN."
        )
    apt = Apt(suite)
    apt.refresh()
    return apt


def unpack(files, root):
    """Unpack package files below a folder, as if that were the root of a system."""
    root.mkdir(parents=True, exist_ok=True)
    for file in files:
        subprocess.run(["dpkg", "-x", str(file), str(root)], check=True)
