"""Two rooms that use one external id would overwrite each other silently."""

from collections import Counter

import pytest
from lxml import etree

from tools.setup.places import ADDONS

TAGS = "//record | //menuitem | //template"


def external_ids(addon):
    for folder in ("security", "data", "views", "wizards", "report"):
        for path in sorted((addon / folder).rglob("*.xml")):
            for node in etree.parse(path).xpath(TAGS):
                if node.get("id"):
                    yield node.get("id")


@pytest.mark.parametrize("addon", ADDONS, ids=lambda addon: addon.name)
def test_external_ids_are_unique(addon):
    counts = Counter(external_ids(addon))
    repeated = [name for name, count in counts.items() if count > 1]
    assert not repeated
