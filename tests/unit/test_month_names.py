"""A month without its day is named in the nominative, as "LLLL" does ("октябрь 2026");
"MMMM" is the form beside a day ("5 октября").
"""

import re

from tools.setup.places import ADDONS, CLONE

FORMAT = re.compile(r"""date_format=["']([^"']*)["']""")


def test_months_without_a_day_are_in_the_nominative():
    found = {
        str(path.relative_to(CLONE)): pattern
        for addon in ADDONS
        for path in addon.rglob("*.py")
        for pattern in FORMAT.findall(path.read_text())
        if "MMM" in pattern and "d" not in pattern
    }
    assert found == {}
