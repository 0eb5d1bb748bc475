"""Debian packages without installing them: private apt configuration and `dpkg -x`.

The system's sources, indexes and packages aren't changed, and root isn't needed. The
mirror is the one that the machine already uses: no host name is stored in this project.
"""

import functools
import re
import shutil
import subprocess
from pathlib import Path

from .places import BUILD, Problem
from .terminal import watched

KEYRINGS = ("debian-archive-keyring.gpg", "debian-archive-keyring.pgp")
# All of apt's files are in {home}. These settings are relaxed, and this is why that is
# safe:
# - status: no package counts as installed, because none gets installed;
# - Check-Valid-Until: a mirror may serve an index of sid past its date. Signatures are
#   still checked, and the hash of Odoo's package is pinned (odoo_tree.py);
# - Sandbox::User: as root, apt would download as `_apt`, which has no access to a clone
#   below /root. Packages are unpacked without running their scripts.
# The system's sources and preferences are ignored (sourceparts, preferencesparts): the
# preferences of a machine must not select another version. Translations and file lists
# aren't needed.
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
    """Debian's packages can't be reached from this machine."""


def mirrors(listing=None):
    """Return the addresses of archives with a whole release, in apt's order.

    Archives of updates and security have a dash or slash in the name of their suite.
    Third-party archives may be among the results: they lack Debian's signature, so
    `Apt.refresh` skips them.

    :param listing: the output of `apt-get update --print-uris`; apt is run if it is
        omitted.
    """
    if listing is None:
        asked = ["apt-get", "update", "--print-uris"]
        listing = subprocess.run(
            asked, capture_output=True, text=True, check=False
        ).stdout
    found = re.findall(r"^'(\S+?)/+dists/\w+/main/binary-", listing, re.MULTILINE)
    return list(dict.fromkeys(found))


def release_codename(file=Path("/etc/os-release")):
    """Return the code name of this machine's Debian release; its packages run here."""
    text = file.read_text() if file.is_file() else ""
    match = re.search(r"^VERSION_CODENAME=\"?(\w+)", text, re.MULTILINE)
    return match.group(1) if match else "sid"


def signed_by(folder=Path("/usr/share/keyrings")):
    """Return the source option that requires Debian's own key.

    If the keyring's file is missing, return an empty text; apt then uses its own
    trusted keys.
    """
    found = next((name for name in KEYRINGS if (folder / name).is_file()), None)
    return f"[signed-by={folder / found}] " if found else ""


class Apt:
    """apt for one Debian suite, with all its files inside the build folder."""

    def __init__(self, suite):
        self.suite = suite
        self.home = BUILD / "apt" / suite
        self.settings = self.home / "apt.conf"

    def refresh(self):
        """Fetch the suite's index from the machine's first archive that is Debian's.

        :raises NoArchive: if there is none, or no network.
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
        """Return the versions of a package in this suite, newest first."""
        lines = self._ask("apt-cache", "madison", package).splitlines()
        return [line.split("|")[1].strip() for line in lines if line.count("|") >= 2]

    def depends(self, package):
        """Return the direct dependencies of a package.

        Virtual packages and alternatives are excluded.
        """
        words = ("depends", "--no-recommends", "--no-suggests", package)
        lines = self._ask("apt-cache", *words).splitlines()
        mark = "  Depends: "
        return [
            line.removeprefix(mark)
            for line in lines
            if line.startswith(mark) and "<" not in line
        ]

    def download(self, packages, folder):
        """Download packages, checked against the signed index.

        :param packages: names, with `=version` if a certain version is needed.
        :return: the files, in the order of the packages.
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
    """Return apt of a suite with an index fetched in this run.

    :raises NoArchive: if there is no apt or no archive of Debian.
    """
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise NoArchive(
            "This machine has no apt: name an Odoo 19 tree in ODOO_PATH and PostgreSQL's programs in PG_BIN."
        )
    apt = Apt(suite)
    apt.refresh()
    return apt


def unpack(files, root):
    """Unpack package files below a folder, as if it were the root of a system."""
    root.mkdir(parents=True, exist_ok=True)
    for file in files:
        subprocess.run(["dpkg", "-x", str(file), str(root)], check=True)
