"""The Russian translation is complete and keeps all placeholders."""

import re
from collections import Counter
from pathlib import Path

import paycalc
import polib

FOLDER = Path(__file__).parents[2] / "nka_key_accounts" / "i18n"
TEMPLATE = polib.pofile(str(FOLDER / "nka_key_accounts.pot"))
RUSSIAN = polib.pofile(str(FOLDER / "ru.po"))
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


def test_translation_has_every_term_of_the_template():
    assert _terms(RUSSIAN) == _terms(TEMPLATE)


def test_every_term_is_translated():
    assert [entry.msgid for entry in RUSSIAN if not entry.translated()] == []


def test_placeholders_are_kept():
    assert [
        entry.msgid
        for entry in RUSSIAN
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
    terms = {entry.msgid for entry in TEMPLATE}
    assert formulas | labels | refusals | set(paycalc.REASONS.values()) <= terms
