"""Texts of this addon's demo in the language of the first addon's."""

import csv
import functools

from odoo.addons.nka_key_accounts.demo import language
from odoo.tools import file_open

FOLDER = "nka_key_accounts_recruitment/demo"

spoken = language.spoken


@functools.cache
def dictionary(code):
    """Return the texts of a language by the English text.

    :rtype: dict[str, str]
    """
    if code == language.ENGLISH:
        return {}
    with file_open(f"{FOLDER}/{code}.csv") as source:
        return {row["english"]: row["text"] for row in csv.DictReader(source)}


def say(env, text):
    """Return a text of the demo in its language."""
    return dictionary(spoken(env)).get(text) or language.say(env, text)
