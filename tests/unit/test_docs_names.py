"""Menus, buttons, states and fields named in the docs exist on the screens under that
name.
"""

import re

import polib
import pytest

from tools.setup.places import ADDONS, CLONE

from . import menu_tree

DOCS = CLONE / "docs"
RUSSIAN = [
    entry
    for addon in ADDONS
    for entry in polib.pofile(str(addon / "i18n/ru.po"))
    if not entry.obsolete
]
ENGLISH_PAGES = [
    *("../README.md", "../CONTRIBUTING.md"),
    *sorted(page.name for page in DOCS.glob("*.md")),
]
RUSSIAN_PAGES = sorted(f"ru/{page.name}" for page in DOCS.glob("ru/*.md"))
#: Names from Odoo and OCA payroll.
ODOO = {
    *("New", "Новый", "Configuration", "Settings", "Настройки", "Payroll"),
    *("Users & Companies", "Пользователи и компании", "Users", "Пользователи"),
    *("Employees", "Time Off", "Import records", "Импорт записей"),
    *("Create Invoice", "Создать счет"),
    *("Technical", "Технический", "Email", "Электронная почта"),
    *("Snailmail Letters", "Письма, отправленные почтой"),
    *("Uninstall module", "Удалить модуль"),
}
#: A term can contain markup around it.
TAG = re.compile(r"<[^>]+>")
#: ``*Pay ‣ Monthly pay*``: emphasis is only used for names on the screen.
NAMED = re.compile(r"(?<![*\w])\*([^*]+)\*(?![*\w])")
#: The caption below an image is a single emphasized line.
CAPTION = re.compile(r"^\*[^*]+\.\*$", re.M)


MENUS = menu_tree.paths()
ROOT = {"Key accounts", "Ключевые клиенты"}


def paths(page):
    """Yield each name on the screen as a list of the names on the way to it."""
    text = re.sub(r"```.*?```|`[^`]+`", "", (DOCS / page).read_text(), flags=re.S)
    for found in NAMED.findall(CAPTION.sub("", text)):
        yield [name.strip() for name in " ".join(found.split()).split("‣")]


def named(page):
    for path in paths(page):
        yield from path


def misplaced(page, menus):
    ways = [path[1:] if path[0] in ROOT and path[1:] else path for path in paths(page)]
    return [" ‣ ".join(way) for way in ways if menu_tree.misplaced(way, menus)]


@pytest.mark.parametrize("page", ENGLISH_PAGES)
def test_english_names_are_on_the_screen(page):
    terms = {TAG.sub("", entry.msgid).strip() for entry in RUSSIAN} | ODOO
    assert [name for name in named(page) if name not in terms] == []


@pytest.mark.parametrize("page", RUSSIAN_PAGES)
def test_russian_names_are_on_the_screen(page):
    terms = {TAG.sub("", entry.msgstr).strip() for entry in RUSSIAN} | ODOO
    assert [name for name in named(page) if name not in terms] == []


@pytest.mark.parametrize("page", ENGLISH_PAGES)
def test_english_menu_paths_exist(page):
    assert misplaced(page, MENUS) == []


@pytest.mark.parametrize("page", RUSSIAN_PAGES)
def test_russian_menu_paths_exist(page):
    terms = {entry.msgid: entry.msgstr for entry in RUSSIAN}
    assert (
        misplaced(page, {tuple(terms.get(name, name) for name in way) for way in MENUS})
        == []
    )


#: ``Control ‣ Audit ‣ Audit trail`` within a sentence of a message or help text.
WAY = re.compile(r"[\w ]+(?:‣[\w ]+)+")


def ways_in(text):
    """Yield the menu paths that a sentence names, without the words around them."""
    known = {path[0] for path in MENUS} | ROOT | ODOO
    terms = {entry.msgid for entry in RUSSIAN}
    for found in WAY.findall(text):
        names = [name.strip() for name in found.split("‣")]
        first, last = names[0].split(), names[-1].split()
        starts = (" ".join(first[cut:]) for cut in range(len(first)))
        ends = (" ".join(last[:cut]) for cut in range(len(last), 0, -1))
        names[0] = next((name for name in starts if name in known), names[0])
        names[-1] = next((name for name in ends if name in terms), names[-1])
        yield names[1:] if names[0] in {"Key accounts", "Accounts"} else names


def test_messages_name_menus_that_exist():
    messages = [entry.msgid for entry in RUSSIAN if "‣" in entry.msgid]
    ways = [way for message in messages for way in ways_in(message)]
    assert ["Control", "Audit", "Signed checkpoints"] in ways
    wrong = [way for way in ways if menu_tree.misplaced(way, MENUS)]
    assert wrong == []


def test_misplaced_paths_are_found():
    known = {("Pay",), ("Pay", "My pay"), ("Pay", "My pay", "My week")}
    assert not menu_tree.misplaced(["Pay", "My pay", "My week", "Submit"], known)
    assert not menu_tree.misplaced(["My week"], known)
    assert menu_tree.misplaced(["Pay", "My week"], known)
    assert menu_tree.misplaced(["Pay", "Wages"], known)


def test_pages_name_something():
    assert len(list(named("closing-a-month.md"))) > 20


def test_no_page_contains_merge_conflict_markers():
    pages = [*CLONE.glob("*.md"), *CLONE.glob("docs/**/*.md")]
    marks = re.compile(r"^(<{7} |={7}$|>{7} )", re.M)
    assert pages
    assert [page.name for page in pages if marks.search(page.read_text())] == []
