"""A month without its day is named in the nominative, as "LLLL" does ("октябрь 2026");
"MMMM" is the form beside a day ("5 октября").
"""

import re
from pathlib import Path

ADDON = Path(__file__).parents[2] / "nka_key_accounts"
FORMAT = re.compile(r"""date_format=["']([^"']*)["']""")


def test_months_without_a_day_are_in_the_nominative():
    found = {
        str(path.relative_to(ADDON)): pattern
        for path in ADDON.rglob("*.py")
        for pattern in FORMAT.findall(path.read_text())
        if "MMM" in pattern and "d" not in pattern
    }
    assert found == {}
