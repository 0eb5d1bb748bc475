"""PostgreSQL's programs: installed ones, or Debian's package unpacked privately; and the account they run as."""

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .apt import fresh, in_one_move, refreshed, unpack
from .messages import Problem
from .mirror import release_codename
from .places import BUILD, clone_key

OLDEST = 13
PROGRAMS = ("initdb", "pg_ctl", "postgres", "psql", "createdb", "dropdb")
INSTALLED = Path("/usr/lib/postgresql")
# Every Debian system has these, or the cluster does without (LLVM only serves the JIT, which is off).
NEVER_UNPACKED = (
    "libc6",
    "libgcc-s1",
    "libstdc++6",
    "libllvm",
    "libpam",
    "libdebconf",
    "libcrypt1",
)


def programs(home, environ=os.environ):
    """The folder of installed programs when there are any, else of Debian's own below the cluster's home.

    PG_BIN names a folder to use instead; PG_BIN=private always unpacks.

    :param home: a folder that the account of the cluster can read.
    :raises Problem: when neither can be had.
    """
    named = environ.get("PG_BIN")
    if named and named != "private":
        return _named(Path(named))
    installed = None if named else newest_installed(INSTALLED)
    return installed or _private(home / "programs")


def _named(folder):
    if not is_complete(folder):
        raise Problem(
            f"PG_BIN={folder} lacks PostgreSQL's programs: name a folder with initdb, or leave PG_BIN out."
        )
    return folder


def newest_installed(base):
    """The program folder of the newest usable PostgreSQL below Debian's folder, or None."""
    versions = [folder for folder in base.glob("*/bin") if folder.parent.name.isdigit()]
    versions.sort(key=lambda folder: int(folder.parent.name), reverse=True)
    return next(
        (
            folder
            for folder in versions
            if int(folder.parent.name) >= OLDEST and is_complete(folder)
        ),
        None,
    )


def is_complete(folder):
    """Whether a folder has every program a cluster needs."""
    return all(os.access(folder / name, os.X_OK) for name in PROGRAMS)


def _private(root):
    if not is_complete(root / "bin"):
        _unpack_private(root)
        _wrap(newest_installed(root / "usr/lib/postgresql"), root)
    return root / "bin"


def _wrap(folder, root):
    """Give every program a starter that knows the libraries unpacked beside it, so that nothing else meets them."""
    libraries = sorted(
        {
            str(file.parent)
            for file in root.glob("**/lib*.so*")
            if "postgresql" not in file.parts
        }
    )
    (root / "bin").mkdir()
    for program in folder.iterdir():
        starter = root / "bin" / program.name
        starter.write_text(
            f'#!/bin/sh\nLD_LIBRARY_PATH="{":".join(libraries)}" exec "{program}" "$@"\n'
        )
        starter.chmod(0o755)


def _unpack_private(root):
    if not shutil.which("dpkg"):
        raise Problem(
            "No PostgreSQL 13 or newer is installed: install one, or name the folder of its programs in PG_BIN."
        )
    apt = refreshed(release_codename())
    server = next(
        name for name in apt.depends("postgresql") if name.startswith("postgresql-")
    )
    wanted = [
        server,
        server.replace("postgresql-", "postgresql-client-"),
        *libraries_of(apt, server),
    ]
    downloads = fresh(BUILD / "apt" / "packages")
    making = fresh(root.with_name("unpacking"))
    unpack(apt.download(wanted, downloads), making)
    in_one_move(making, root)
    shutil.rmtree(downloads)


def libraries_of(apt, package):
    """The libraries a package needs, directly or through others, except those that every system has."""
    found, ahead = set(), [package]
    while ahead:
        for name in apt.depends(ahead.pop()):
            if (
                name.startswith(("lib", "zlib"))
                and not name.startswith(NEVER_UNPACKED)
                and name not in found
            ):
                found.add(name)
                ahead.append(name)
    return sorted(found)


@dataclass(frozen=True)
class Account:
    """The operating-system account that the cluster runs as."""

    name: str
    uid: int
    gid: int

    def options(self):
        """Arguments that make subprocess run something as this account; none when it is our own."""
        if self.uid == os.getuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def cluster_account(environ=os.environ):
    """Ourselves, or for root an ordinary account, since PostgreSQL refuses to run as root."""
    if os.getuid():
        return _account(pwd.getpwuid(os.getuid()))
    for name in (environ.get("SUDO_USER"), "postgres", "nobody"):
        if name and name != "root" and _known(name):
            return _account(pwd.getpwnam(name))
    raise Problem(
        "PostgreSQL refuses to run as root and no ordinary account was found: run this as an ordinary user."
    )


def _account(entry):
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _known(name):
    try:
        return pwd.getpwnam(name).pw_uid != 0
    except KeyError:
        return False


def cluster_home(account):
    """The folder of the cluster: in the build folder, or in the system's temporary one when the account can't reach that.

    A clone below /root is closed to every ordinary account.
    """
    home = BUILD / "postgres"
    if account.options() and not _reachable(BUILD, account):
        home = Path(tempfile.gettempdir()).resolve() / f"nka-postgres-{clone_key()}"
        if "TMPDIR" not in os.environ and Path("/var/tmp").is_dir():
            home = Path("/var/tmp") / home.name
    home.mkdir(mode=0o755, parents=True, exist_ok=True)
    if home.stat().st_uid not in (os.getuid(), account.uid):
        raise Problem(
            f"{home} belongs to somebody else: remove it, the database cluster is kept there."
        )
    home.chmod(0o755)
    return home


def _reachable(folder, account):
    tried = subprocess.run(
        ["test", "-x", str(folder)], cwd="/", check=False, **account.options()
    )
    return tried.returncode == 0
