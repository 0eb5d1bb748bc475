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
                if node.get("id") and not is_extension(node):
                    yield node.get("id")


def is_extension(node):
    """Return whether a record is an action of an earlier room, with other views."""
    is_action = node.get("model") == "ir.actions.act_window"
    return is_action and node.find("field[@name='res_model']") is None


@pytest.mark.parametrize("addon", ADDONS, ids=lambda addon: addon.name)
def test_external_ids_are_unique(addon):
    counts = Counter(external_ids(addon))
    repeated = [name for name, count in counts.items() if count > 1]
    assert not repeated
