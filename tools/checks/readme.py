"""The addon's README.rst, put together from the fragments in readme/ as OCA's repositories have them."""

from pathlib import Path

ADDON = Path(__file__).parents[2] / "nka_key_accounts"
#: Fragment -> its heading.
FRAGMENTS = {
    "DESCRIPTION": "",
    "INSTALL": "Installation",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "CONTRIBUTORS": "Contributors",
}
TITLE = "Key Account Management"
LICENCE = ".. image:: https://img.shields.io/badge/licence-LGPL--3-blue.png\n    :target: http://www.gnu.org/licenses/lgpl-3.0-standalone.html\n    :alt: License: LGPL-3"


def text(addon):
    """README.rst as the fragments have it."""
    parts = [f"{'=' * len(TITLE)}\n{TITLE}\n{'=' * len(TITLE)}", LICENCE]
    for name, heading in FRAGMENTS.items():
        if heading:
            parts.append(f"{heading}\n{'=' * len(heading)}")
        parts.append((addon / "readme" / f"{name}.rst").read_text().strip())
    return "\n\n".join(parts) + "\n"


def findings(addon):
    """What is wrong with an addon's README.rst."""
    if (addon / "README.rst").read_text() != text(addon):
        yield "README.rst isn't what readme/ says: python -m tools.checks.readme"


if __name__ == "__main__":
    (ADDON / "README.rst").write_text(text(ADDON))
