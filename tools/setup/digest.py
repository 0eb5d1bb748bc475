"""Digests that say whether something made earlier still fits what it was made from."""

import ast
import hashlib
import json
from pathlib import Path

IGNORED = {"__pycache__"}


def digest_of(*parts):
    """A digest over plain values (anything JSON knows)."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def digest_of_files(*places):
    """A digest over names and contents of files and folders; times and owners do not count."""
    total = hashlib.sha256()
    for place in places:
        for file in files_below(Path(place)):
            total.update(
                f"{file.relative_to(Path(place).parent)}\0{file.stat().st_size}\0".encode()
            )
            total.update(file.read_bytes())
    return total.hexdigest()[:20]


def files_below(place):
    """All files of a folder in a fixed order (or the one file itself), without caches."""
    if place.is_file():
        return [place]
    found = (file for file in place.rglob("*") if file.is_file())
    return sorted(
        file
        for file in found
        if not IGNORED & set(file.parts) and file.suffix != ".pyc"
    )


def manifest_of(addon):
    """The manifest of an addon folder as a dictionary."""
    return ast.literal_eval((addon / "__manifest__.py").read_text())


def file_digest(path):
    """SHA-256 of one file, in hexadecimal."""
    with open(path, "rb") as content:
        return (
            hashlib.file_digest(content, "sha256").hexdigest()
            if hasattr(hashlib, "file_digest")
            else _slow(content)
        )


def _slow(content):
    total = hashlib.sha256()
    for block in iter(lambda: content.read(1 << 20), b""):
        total.update(block)
    return total.hexdigest()
