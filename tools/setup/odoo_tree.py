"""Provide the Odoo 19 source tree.

It is an existing tree, Debian's package unpacked privately, or a clone of the public
repository.
"""

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from .debian import NoArchive, refreshed, unpack
from .places import BUILD, Problem, digest_of, fresh, in_one_move, require_space
from .terminal import say, watched

PACKAGE = "odoo-19"
PINNED_VERSION = "19.0.0+dfsg-1"
PINNED_SHA256 = "9d2f598b0555db17e291d48ed24df184c70823c053c4c5ed53c467ca7f629bbf"
PUBLIC_REPOSITORY = "https://github.com/odoo/odoo.git"

# The packages that the package's links point to, and none of its other dependencies.
# Newer releases of some of them have another layout, so most come from the release that
# the links expect.
SCRIPTS = ["libjs-jquery", "libjs-jquery-form", "libjs-underscore"]
FONTS = ["fonts-font-awesome", "fonts-roboto-unhinted", "fonts-ocr-b"]
LINKED_PACKAGES = {
    "bookworm": [*SCRIPTS, *FONTS, "fonts-inconsolata"],
    "sid": ["fonts-montserrat"],
}
PACKAGED_PYTHON = Path("usr/lib/python3/dist-packages")
SELFIE = Path("odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js")
# Debian removes this library, which blurs a camera's background; without the file no
# page loads.
SELFIE_STUB = "window.SelfieSegmentation = undefined;\n"

ROOT = BUILD / "odoo" / "root"
CLONED = BUILD / "odoo" / "clone"
MARK = "nka-version"


@dataclass(frozen=True)
class OdooTree:
    """A usable tree: the folder to import `odoo` from, addons folders, its identity."""

    python_path: Path
    addons: tuple
    identity: str


def odoo_tree(environ=os.environ):
    """Return the tree to use; it is fetched when first needed.

    :raises Problem: if ODOO_PATH has no Odoo 19, or none can be fetched.
    """
    if environ.get("ODOO_PATH"):
        return tree_at(Path(environ["ODOO_PATH"]).expanduser().resolve())
    packaged = ROOT / PACKAGED_PYTHON
    for folder in (packaged, CLONED):
        if (folder / MARK).is_file():
            return _described(folder)
    require_space()
    try:
        _fetch_package()
    except NoArchive:
        if not shutil.which("git"):
            raise
        return _described(_cloned())
    return _described(packaged)


def tree_at(path):
    """Return the tree at a path named by the user.

    The path is a checkout, an unpacked package, or the `odoo` folder itself.

    :raises Problem: if there is no Odoo 19.
    """
    for candidate in (path, path / PACKAGED_PYTHON, path.parent):
        if series_of(candidate) == (19, 0):
            return _described(candidate)
    raise Problem(
        f"ODOO_PATH={path} holds no Odoo 19.0: name the folder that contains odoo/release.py."
    )


def series_of(folder):
    """Return the (major, minor) series of the Odoo below a folder, or None."""
    release = folder / "odoo" / "release.py"
    text = release.read_text() if release.is_file() else ""
    match = re.search(r"^version_info\s*=\s*\(\s*(\d+)\s*,\s*(\d+)", text, re.MULTILINE)
    return tuple(map(int, match.groups())) if match else None


def _described(folder):
    addons = tuple(path for path in (folder / "addons",) if path.is_dir())
    mark = folder / MARK
    if mark.is_file():
        return OdooTree(folder, addons, digest_of(mark.read_text()))
    changed = (folder / "odoo").stat().st_mtime_ns
    return OdooTree(folder, addons, digest_of(f"{folder} {changed}"))


def _fetch_package():
    apt = refreshed("sid")
    version = chosen_version(apt.versions(PACKAGE))
    downloads = fresh(BUILD / "odoo" / "packages")
    files = apt.download([f"{PACKAGE}={version}"], downloads)
    check_pinned(files[0], version)
    for suite, packages in LINKED_PACKAGES.items():
        files += refreshed(suite).download(packages, downloads)
    making = fresh(BUILD / "odoo" / "making")
    say("unpacking Odoo")
    unpack(files, making)
    mend(making / PACKAGED_PYTHON)
    (making / PACKAGED_PYTHON / MARK).write_text(f"{PACKAGE} {version}\n")
    in_one_move(making, ROOT)
    shutil.rmtree(downloads)


def chosen_version(versions):
    """Return the pinned version, or the newest 19.0 if the archive no longer has it.

    Print a message in the latter case.

    :param versions: versions in the archive, newest first.
    :raises Problem: if the archive has no 19.0.
    """
    if PINNED_VERSION in versions:
        return PINNED_VERSION
    newest = next((version for version in versions if version.startswith("19.0")), None)
    if not newest:
        raise Problem("Debian sid has no Odoo 19.0 any more: name a tree in ODOO_PATH.")
    say(
        f"{PACKAGE} {PINNED_VERSION} has left Debian sid; taking {newest}, checked by apt's signature alone"
    )
    return newest


def check_pinned(file, version):
    """Refuse a package of the pinned version with unexpected content.

    :raises Problem: if the SHA-256 hash differs.
    """
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if version == PINNED_VERSION and found != PINNED_SHA256:
        raise Problem(
            f"{file.name} has the SHA-256 {found}, not the pinned one: `make clean` and try another mirror."
        )


def mend(python_path):
    """Add the selfie library that the package lacks, and report its dangling links.

    :raises Problem: if jQuery is missing, because then no page loads.
    """
    stub = python_path / SELFIE
    if not stub.is_file():
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.unlink(missing_ok=True)
        stub.write_text(SELFIE_STUB)
    lost = dangling_links(python_path)
    if any(link.name == "jquery.js" for link in lost):
        raise Problem(
            "Debian's libjs-jquery no longer has the file Odoo links to: name another tree in ODOO_PATH."
        )
    if lost:
        say(f"{len(lost)} links of the Odoo package lead nowhere, such as {lost[0]}")


def dangling_links(folder):
    """Return the symbolic links below a folder whose target doesn't exist."""
    links = (
        Path(base) / name
        for base, folders, names in os.walk(folder)
        for name in [*folders, *names]
    )
    return sorted(link for link in links if link.is_symlink() and not link.exists())


def _cloned():
    making = fresh(BUILD / "odoo" / "cloning")
    words = f"git clone --quiet -b 19.0 --depth 1 {PUBLIC_REPOSITORY}".split()
    watched("cloning Odoo 19.0 from its public repository", [*words, making])
    head = (making / ".git" / "HEAD").read_text()
    (making / MARK).write_text(f"clone {head}{making.stat().st_mtime_ns}\n")
    in_one_move(making, CLONED)
    return CLONED
