"""Where everything of this clone lives: one ignored folder, and a socket folder that may have to be elsewhere."""

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from .messages import Problem

CLONE = Path(__file__).resolve().parents[2]
ADDON = CLONE / "nka_key_accounts"
ADDON_NAME = ADDON.name

# A Unix socket address holds 107 bytes, of which PostgreSQL's own file name takes these.
SOCKET_PATH_BYTES = 107
SOCKET_FILE = "/.s.PGSQL.5432.lock"

NEEDED_BYTES = 3 * 1024**3


def build_folder(environ=os.environ):
    """The folder that takes everything downloaded, built and run: .build, or what NKA_BUILD names."""
    named = environ.get("NKA_BUILD")
    return Path(named).expanduser().resolve() if named else CLONE / ".build"


BUILD = build_folder()
LOGS = BUILD / "log"
VENV = BUILD / "venv"
PYTHON = VENV / "bin" / "python"
CONFIG = BUILD / "odoo.conf"
FILES = BUILD / "files"


def clone_key(build=BUILD):
    """A short name that two clones on one machine never share."""
    return hashlib.sha256(os.fsencode(build)).hexdigest()[:12]


def ready():
    """Make the build folder, readable for the account that runs the cluster.

    :raises Problem: when it belongs to somebody else or the disk is too full.
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
    """Refuse to start a download that the disk cannot take.

    :param needed: bytes that must be free.
    :raises Problem: with the free and the needed size.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Problem(
            f"Only {free / 1024**3:.1f} GB are free at {folder}, {needed / 1024**3:.0f} GB are needed: "
            "free some, or name a folder on another disk in NKA_BUILD."
        )


def fits_socket(folder):
    """Whether a PostgreSQL socket in this folder has an address short enough for the kernel."""
    return len(os.fsencode(folder)) + len(SOCKET_FILE) <= SOCKET_PATH_BYTES


def socket_folder(preferred, owner, temporary=None):
    """The folder of the cluster's socket: the preferred one, or a short private one when its path is too long.

    The cluster trusts whoever reaches its socket, so the folder is the lock: nobody but its owner may enter.

    :param owner: user and group id that the folder belongs to.
    :raises Problem: when a folder of that name exists and belongs to somebody else.
    """
    folder = Path(preferred)
    if not fits_socket(folder):
        folder = (
            Path(temporary or tempfile.gettempdir()) / f"nka-{clone_key(preferred)}"
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _own_privately(folder, owner)
    return folder


def _own_privately(folder, owner):
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.getuid(), owner[0]):
        raise Problem(
            f"{folder} belongs to somebody else: remove it, the database socket is made there."
        )
    if os.getuid() == 0:
        os.chown(folder, *owner)
    folder.chmod(0o700)
