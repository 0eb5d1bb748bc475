"""Findings of the room checks, and the list of known ones."""

from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

KNOWN = Path(__file__).parents[1] / "rooms_known.txt"
#: Heading in the list for known findings without a stated reason.
NO_REASON = "without a reason yet"


@dataclass(frozen=True, order=True)
class Finding:
    """A finding in a room, with its place; the line isn't part of its identity."""

    room: str
    kind: str
    path: str
    what: str
    line: int = field(default=0, compare=False)

    def __str__(self):
        return f"{self.room} {self.kind} {self.path} {self.what}"


def read_known(path=KNOWN):
    """Return the known findings with the reason they are listed under.

    :rtype: dict[str, str]
    """
    reasons, reason = {}, NO_REASON
    for line in path.read_text().splitlines() if path.exists() else ():
        if line.startswith("#"):
            reason = line.lstrip("# ")
        elif line:
            reasons[line] = reason
    return reasons


def write_known(findings, path=KNOWN):
    """Rewrite the list; findings that were in it keep their reason."""
    known = read_known(path)
    lines = [(known.get(str(one), NO_REASON), str(one)) for one in findings]
    lines.sort(key=lambda line: line[0])
    blocks = []
    for reason, block in groupby(lines, key=lambda line: line[0]):
        blocks.append("\n".join([f"# {reason}", *(text for _reason, text in block)]))
    path.write_text("\n\n".join(blocks) + "\n" if blocks else "")


def compare(findings, path=KNOWN):
    """Return the findings that are not in the list, and the listed ones not found any
    more.

    :rtype: tuple[list[str], list[str]]
    """
    found, known = {str(one) for one in findings}, set(read_known(path))
    return sorted(found - known), sorted(known - found)
