"""Two rooms that use one external id would overwrite each other silently."""

from collections import Counter
from pathlib import Path

from lxml import etree

ADDON = Path(__file__).parents[2] / "nka_key_accounts"
TAGS = "//record | //menuitem | //template"


def external_ids():
    for folder in ("security", "data", "views", "wizards", "report"):
        for path in sorted((ADDON / folder).rglob("*.xml")):
            for node in etree.parse(path).xpath(TAGS):
                if node.get("id"):
                    yield node.get("id")


def test_external_ids_are_unique():
    repeated = [name for name, count in Counter(external_ids()).items() if count > 1]
    assert not repeated
