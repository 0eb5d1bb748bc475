"""The Russian translation is complete and keeps all placeholders."""

import re
from collections import Counter

import paycalc
import polib
import pytest

from tools.setup.places import ADDON, ADDONS

TEMPLATES = {
    addon: polib.pofile(str(addon / f"i18n/{addon.name}.pot")) for addon in ADDONS
}
RUSSIAN = {addon: polib.pofile(str(addon / "i18n/ru.po")) for addon in ADDONS}
each_addon = pytest.mark.parametrize("addon", ADDONS, ids=lambda addon: addon.name)
#: Formulas without text, and formulas and errors that no screen shows.
UNSEEN = {"split", "prorate", "what_if", "correction", "soft.pay"}
UNSEEN_REFUSALS = {
    "pay",
    "terms",
    "facts",
    "digits",
    "basis",
    "policy",
    "direction",
    "started",
    "period",
    "component",
    "earned",
    "loyalty_state",
}
# %s, %(name)s and %% of a format, and {name} of a format string.
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sd]|%%|\{\w+\}")


def _terms(file):
    return {(entry.msgctxt, entry.msgid) for entry in file if not entry.obsolete}


@each_addon
def test_translation_has_every_term_of_the_template(addon):
    assert _terms(RUSSIAN[addon]) == _terms(TEMPLATES[addon])


@each_addon
def test_every_term_is_translated(addon):
    assert [entry.msgid for entry in RUSSIAN[addon] if not entry.translated()] == []


@each_addon
def test_placeholders_are_kept(addon):
    assert [
        entry.msgid
        for entry in RUSSIAN[addon]
        if Counter(PLACEHOLDER.findall(entry.msgid))
        != Counter(PLACEHOLDER.findall(entry.msgstr))
    ] == []


def test_texts_of_paycalc_are_terms():
    formulas = {text for code, text in paycalc.FORMULAS.items() if code not in UNSEEN}
    labels = {label.text for label in paycalc.LABELS.values()}
    refusals = {
        error.template
        for error in vars(paycalc).values()
        if isinstance(error, type)
        and issubclass(error, paycalc.PayError)
        and error.code not in UNSEEN_REFUSALS
    }
    terms = {entry.msgid for entry in TEMPLATES[ADDON]}
    assert formulas | labels | refusals | set(paycalc.REASONS.values()) <= terms
