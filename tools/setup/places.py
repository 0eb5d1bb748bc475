"""Paths of this clone, and hashes of what its files were created from."""

import hashlib
import json
import os
import shutil
import stat
import tempfile
from pathlib import Path

CLONE = Path(__file__).resolve().parents[2]
# The addon, and addons that install themselves where it meets the apps they need.
ADDONS = (CLONE / "nka_key_accounts", CLONE / "nka_key_accounts_recruitment")
ADDON, *BESIDE = ADDONS
ADDON_NAME = ADDON.name

# A Unix socket address holds 107 bytes, including PostgreSQL's own file name.
SOCKET_PATH_BYTES = 107
SOCKET_FILE = "/.s.PGSQL.5432.lock"
NEEDED_BYTES = 3 * 1024**3


class Problem(Exception):
    """A prerequisite is missing on this machine; the message names the remedy."""


def build_folder(environ=os.environ):
    """Return the folder for all downloads, builds and data: .build, or NKA_BUILD."""
    named = environ.get("NKA_BUILD")
    return Path(named).expanduser().resolve() if named else CLONE / ".build"


BUILD = build_folder()
LOGS = BUILD / "log"
VENV = BUILD / "venv"
PYTHON = VENV / "bin" / "python"
CONFIG = BUILD / "odoo.conf"
FILES = BUILD / "files"


def clone_key(build=BUILD):
    """Return a short name that differs between clones on one machine."""
    return hashlib.sha256(os.fsencode(build)).hexdigest()[:12]


def caches():
    """Return environment variables that keep all caches inside the build folder."""
    cache = BUILD / "cache"
    return {
        "PYTHONPYCACHEPREFIX": str(cache / "python"),
        "RUFF_CACHE_DIR": str(cache / "ruff"),
        "PYLINTHOME": str(cache / "pylint"),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(cache / "hypothesis"),
        "PYTHONUNBUFFERED": "1",
    }


def ready():
    """Create the build folder, readable for the account that runs the cluster.

    :raises Problem: if the current user can't write there.
    """
    try:
        BUILD.mkdir(mode=0o755, parents=True, exist_ok=True)
        BUILD.chmod(0o755)
        LOGS.mkdir(exist_ok=True)
        (LOGS / ".writable").touch()
    except PermissionError as error:
        raise Problem(
            f"{BUILD} cannot be written by this user: remove it as its owner or name another folder in NKA_BUILD."
        ) from error


def require_space(folder=BUILD, needed=NEEDED_BYTES):
    """Check that the disk has enough space for a download.

    :param needed: bytes that must be free.
    :raises Problem: with the free and the needed size.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Problem(
            f"Only {free / 1024**3:.1f} GB are free at {folder}, {needed / 1024**3:.0f} GB are needed: "
            "free some, or name a folder on another disk in NKA_BUILD."
        )


def fresh(folder):
    """Return an empty folder; remove what an interrupted run left in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def in_one_move(making, wanted):
    """Move a finished folder to its place, so that it is never found half finished."""
    shutil.rmtree(wanted, ignore_errors=True)
    wanted.parent.mkdir(parents=True, exist_ok=True)
    os.replace(making, wanted)


def fits_socket(folder):
    """Return whether the path of a PostgreSQL socket in this folder is short enough."""
    return len(os.fsencode(folder)) + len(SOCKET_FILE) <= SOCKET_PATH_BYTES


def socket_folder(preferred, owner, temporary=None):
    """Return the folder of the cluster's socket.

    It is the preferred folder, or a short private one if its path is too long. The
    cluster trusts every account that reaches its socket, so only the owner can enter
    the folder.

    :param owner: user and group id of the folder's owner.
    :raises Problem: if a folder of that name belongs to another user.
    """
    folder = Path(preferred)
    if not fits_socket(folder):
        folder = (
            Path(temporary or tempfile.gettempdir()) / f"nka-{clone_key(preferred)}"
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.getuid(), owner[0]):
        raise Problem(
            f"{folder} belongs to somebody else: remove it, the database socket is made there."
        )
    if os.getuid() == 0:
        os.chown(folder, *owner)
    folder.chmod(0o700)
    return folder


def digest_of(*parts):
    """Return a hash over plain values (all that JSON supports)."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def digest_of_files(*places):
    """Return a hash over names and contents of files and folders.

    Times, owners and caches are ignored.
    """
    total = hashlib.sha256()
    for place in map(Path, places):
        for file in files_below(place):
            content = file.read_bytes()
            name = file.relative_to(place.parent)
            total.update(f"{name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()[:20]


def files_below(place):
    """Return all files of a folder in a fixed order, or the one file itself."""
    if place.is_file():
        return [place]
    return sorted(
        file
        for file in place.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    )
