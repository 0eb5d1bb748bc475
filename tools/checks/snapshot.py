"""Write a snapshot of the addon in a database, or compare two snapshots.

    python -m tools.checks.snapshot write DATABASE FILE [ODOO OPTIONS]
    python -m tools.checks.snapshot compare baseline|upgrade OLD NEW

`write` uses the configuration named in ODOO_RC. `compare` exits with 1 if there is a
difference that snapshot_expected.txt doesn't list.
"""

import contextlib
import difflib
import json
import lzma
import sys
from fnmatch import fnmatchcase
from pathlib import Path

EXPECTED = Path(__file__).with_name("snapshot_expected.txt")
# Reported without being counted: the module to which Odoo assigns a model or field, and
# what mixins declare.
UNCOUNTED = ("attribution ", "mixin ")


@contextlib.contextmanager
def environment(database, *options):
    """Yield an Odoo environment on a database; all its writes are rolled back."""
    from odoo.api import SUPERUSER_ID, Environment
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config([*options, "--log-level=warn"])
    with Registry(database).cursor() as cr:
        yield Environment(cr, SUPERUSER_ID, {})
        cr.rollback()


def write(database, path, *options):
    """Read a database and save the snapshot as sorted text."""
    from .snapshot_reader import Reader

    with environment(database, *options) as env:
        found = Reader(env).snapshot()
    text = json.dumps(found, indent=0, sort_keys=True, ensure_ascii=False)
    Path(path).write_text(text, encoding="utf-8")


def load(path):
    """Return a saved snapshot; it may be compressed with xz."""
    content = Path(path).read_bytes()
    return json.loads(
        lzma.decompress(content) if str(path).endswith(".xz") else content
    )


def differences(old, new):
    """Return ``{headline: details}``.

    Headlines are such as "gone index x" or "changed ir.rule x: domain_force".
    """
    found = {f"gone {key}": "" for key in old.keys() - new.keys()}
    found |= {f"new {key}": "" for key in new.keys() - old.keys()}
    for key in old.keys() & new.keys():
        before, after = dict(_parts(old[key])), dict(_parts(new[key]))
        for part in before.keys() | after.keys():
            if before.get(part) != after.get(part):
                details = _details(before.get(part), after.get(part))
                found[f"changed {key}{part and ': '}{part}"] = details
    return dict(sorted(found.items()))


def _parts(value, name=""):
    """Yield values with their path: ``name@ru_RU`` for a translation."""
    if not isinstance(value, dict):
        yield name, value
        return
    for part, inner in value.items():
        yield from _parts(inner, f"{name}@{part}" if name else part)


def _details(before, after):
    texts = [str(before).splitlines(), str(after).splitlines()]
    return "\n".join([*difflib.unified_diff(*texts, n=1, lineterm="")][3:])


def expected(scope, text):
    """Return the patterns of the lines ``scope: pattern -- reason``.

    :raises ValueError: for a line without scope or reason
    """
    patterns = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            where, _colon, rest = line.partition(": ")
            pattern, _dashes, reason = rest.partition(" -- ")
            if where not in ("baseline", "upgrade") or not reason.strip():
                raise ValueError(f"No scope or no reason in {EXPECTED.name}: {line}")
            patterns += [pattern] if where == scope else []
    return patterns


def compare(scope, old, new):
    """Return the unexpected differences, and those that aren't counted.

    :param str scope: ``baseline`` compares a new installation with that of the old
        code, ``upgrade`` an updated database with a new installation
    """
    patterns = expected(scope, EXPECTED.read_text())
    counted, uncounted = {}, {}
    for headline, details in differences(old, new).items():
        if headline.partition(" ")[2].startswith(UNCOUNTED):
            uncounted[headline] = details
        elif not any(fnmatchcase(headline, pattern) for pattern in patterns):
            counted[headline] = details
    return counted, uncounted


def told(found):
    """Return differences as text, each followed by its details."""
    return "\n".join("\n".join(filter(None, pair)) for pair in found.items())


def main(verb, *words):
    """Run a command and return the exit code."""
    if verb == "write":
        return write(*words)
    counted, uncounted = compare(words[0], *map(load, words[1:]))
    if uncounted:
        print(f"Not counted, module attribution and mixins:\n{told(uncounted)}\n")
    print(f"{len(counted)} differences that nobody expects\n{told(counted)}")
    return bool(counted)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
