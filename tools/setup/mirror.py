"""Finds the Debian mirror this machine already uses. No host is written down anywhere in this project."""

import re
import shutil
import subprocess
from pathlib import Path

from .messages import Problem

FIELDS = ("REPO_URI", "ORIGIN", "LABEL", "COMPONENT", "CODENAME")
FORMAT = "|".join(f"$({field})" for field in FIELDS)
KEYRINGS = (
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
    Path("/usr/share/keyrings/debian-archive-keyring.pgp"),
)


def debian_mirror():
    """The address of the main Debian archive, from apt's indexes or, before its first update, its source lists.

    :raises Problem: when the machine has no apt or apt knows no Debian archive.
    """
    if not shutil.which("apt-get"):
        raise Problem(
            "This machine has no apt: name an Odoo 19 tree in ODOO_PATH, or install git so that one can be cloned."
        )
    found = mirror_in_targets(_indextargets()) or mirror_in_sources(
        _source_files(), _codename()
    )
    if not found:
        raise Problem(
            "apt on this machine knows no Debian archive: add one to its sources, or name an Odoo 19 tree in ODOO_PATH."
        )
    return found


def mirror_in_targets(text):
    """The first main archive of Debian itself in the output of `apt-get indextargets` (format FORMAT)."""
    for line in text.splitlines():
        target = dict(zip(FIELDS, line.split("|")))
        if (target.get("ORIGIN"), target.get("LABEL"), target.get("COMPONENT")) == (
            "Debian",
            "Debian",
            "main",
        ):
            return target["REPO_URI"]
    return None


def mirror_in_sources(texts, codename):
    """The first main archive of the given release in source lists, one-line or deb822.

    Third-party archives and the security archive have other suites or keys than the release itself.
    """
    for text in texts:
        for entry in [*_one_line_entries(text), *_deb822_entries(text)]:
            if _is_main_archive(entry, codename):
                return entry["uri"]
    return None


def _is_main_archive(entry, codename):
    ours = not entry["signed_by"] or "debian-archive" in entry["signed_by"]
    return ours and "main" in entry["components"] and codename in entry["suites"]


def _one_line_entries(text):
    for match in re.finditer(
        r"^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+)$", text, re.MULTILINE
    ):
        options, uri, suite, components = match.groups()
        yield {
            "uri": uri,
            "suites": [suite],
            "components": components.split("#")[0].split(),
            "signed_by": _option(options or "", "signed-by"),
        }


def _option(options, name):
    pairs = (option.partition("=") for option in options.split())
    return next((value for key, _, value in pairs if key == name), "")


def _deb822_entries(text):
    for stanza in re.split(r"\n\s*\n", text):
        fields = _stanza_fields(stanza)
        if (
            "deb" not in fields.get("types", "").split()
            or fields.get("enabled", "yes").lower() == "no"
        ):
            continue
        for uri in fields.get("uris", "").split():
            yield {
                "uri": uri,
                "suites": fields.get("suites", "").split(),
                "components": fields.get("components", "").split(),
                "signed_by": fields.get("signed-by", ""),
            }


def _stanza_fields(stanza):
    lines = (line for line in stanza.splitlines() if not line.startswith("#"))
    joined = re.sub(r"\n[ \t]+", " ", "\n".join(lines))
    return {
        key.lower(): value.strip()
        for key, value in re.findall(r"^([\w-]+):(.*)$", joined, re.MULTILINE)
    }


def _indextargets():
    asked = ["apt-get", "indextargets", "--format", FORMAT, "Created-By: Packages"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout


def _source_files():
    etc = Path("/etc/apt")
    files = [
        etc / "sources.list",
        *sorted(etc.glob("sources.list.d/*.sources")),
        *sorted(etc.glob("sources.list.d/*.list")),
    ]
    return [file.read_text(errors="replace") for file in files if file.is_file()]


def _codename():
    release = Path("/etc/os-release")
    text = release.read_text() if release.is_file() else ""
    match = re.search(r"^VERSION_CODENAME=\"?(\w+)", text, re.MULTILINE)
    return match.group(1) if match else "sid"


def release_codename():
    """The code name of this machine's own Debian release, whose packages run here."""
    return _codename()


def signed_by():
    """The option that ties the private sources to Debian's own key, or nothing when apt holds it elsewhere."""
    return next(
        (f"[signed-by={keyring}] " for keyring in KEYRINGS if keyring.is_file()), ""
    )
