"""The code names in docs/facts.md exist, and both languages have the same rows."""

import re
from pathlib import Path

import pytest

CLONE = Path(__file__).parents[2]
MODELS = CLONE / "nka_key_accounts/models"
PAGES = ("facts.md", "ru/facts.md")
#: `path.py`: `name`, `name`
PLACE = re.compile(r"`([\w/]+\.py)`((?:[:,] `\w+`)*)")
CODE = re.compile(r"`([^`]+)`")


def rows(page):
    lines = (CLONE / "docs" / page).read_text().splitlines()
    return [line for line in lines if line.startswith("| ") and line.count("|") == 8]


@pytest.mark.parametrize("page", PAGES)
def test_places_exist(page):
    missing = []
    for row in rows(page)[1:]:
        for path, names in PLACE.findall(row):
            file = (CLONE if path.startswith("tests/") else MODELS) / path
            source = file.read_text() if file.exists() else ""
            wanted = CODE.findall(names)
            missing += [path] if not source else []
            missing += [f"{path}: {name}" for name in wanted if name not in source]
    assert missing == []


def test_both_languages_have_the_same_rows():
    english, russian = ([CODE.findall(row) for row in rows(page)] for page in PAGES)
    assert english == russian


def test_every_fact_has_a_test():
    assert [row for row in rows("facts.md")[1:] if "`tests/" not in row] == []
