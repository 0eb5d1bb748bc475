"""Compose each addon's README.rst from the fragments in readme/, as OCA does."""

from tools.setup.databases import manifest_of
from tools.setup.places import ADDONS

#: Fragment and its heading.
FRAGMENTS = {
    "DESCRIPTION": "",
    "INSTALL": "Installation",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "CONTRIBUTORS": "Contributors",
}
LICENCE = ".. image:: https://img.shields.io/badge/licence-LGPL--3-blue.png\n    :target: http://www.gnu.org/licenses/lgpl-3.0-standalone.html\n    :alt: License: LGPL-3"


def text(addon):
    """Return the text of README.rst composed from the fragments of an addon."""
    title = manifest_of(addon)["name"]
    parts = [f"{'=' * len(title)}\n{title}\n{'=' * len(title)}", LICENCE]
    for name, heading in FRAGMENTS.items():
        if not (addon / "readme" / f"{name}.rst").exists():
            continue
        if heading:
            parts.append(f"{heading}\n{'=' * len(heading)}")
        parts.append((addon / "readme" / f"{name}.rst").read_text().strip())
    return "\n\n".join(parts) + "\n"


def findings(addon):
    """Yield a message if an addon's README.rst differs from its fragments."""
    if (addon / "README.rst").read_text() != text(addon):
        yield f"{addon}/README.rst isn't what readme/ says: python -m tools.checks.readme"


if __name__ == "__main__":
    for addon in ADDONS:
        (addon / "README.rst").write_text(text(addon))
