"""What the docs of the close call a button, a menu or a page is what stands on the screen."""

import re
from pathlib import Path

import polib
import pytest

CLONE = Path(__file__).parents[2]
RUSSIAN = polib.pofile(str(CLONE / "nka_key_accounts/i18n/ru.po"))
#: The words of Odoo and its payroll.
ODOO = {"New", "Новый", "Configuration", "Settings", "Настройки", "Payroll"}
#: A term may come with the tags around it.
TAG = re.compile(r"<[^>]+>")
#: ``*Pay ‣ Month close*``: emphasis stands for names of the screen alone.
NAMED = re.compile(r"(?<![*\w])\*([^*]+)\*(?![*\w])")


def named(page):
    text = re.sub(r"```.*?```", "", (CLONE / "docs" / page).read_text(), flags=re.S)
    for found in NAMED.findall(text):
        yield from (name.strip() for name in " ".join(found.split()).split("‣"))


@pytest.mark.parametrize("page", ["closing-a-month.md", "payroll.md"])
def test_english_names_are_on_the_screen(page):
    terms = {TAG.sub("", entry.msgid).strip() for entry in RUSSIAN} | ODOO
    assert [name for name in named(page) if name not in terms] == []


@pytest.mark.parametrize("page", ["ru/closing-a-month.md", "ru/payroll.md"])
def test_russian_names_are_on_the_screen(page):
    terms = {TAG.sub("", entry.msgstr).strip() for entry in RUSSIAN} | ODOO
    assert [name for name in named(page) if name not in terms] == []


def test_no_page_holds_an_unfinished_merge():
    pages = [*CLONE.glob("*.md"), *CLONE.glob("docs/**/*.md")]
    marks = re.compile(r"^(<{7} |={7}$|>{7} )", re.M)
    assert pages
    assert [page.name for page in pages if marks.search(page.read_text())] == []
