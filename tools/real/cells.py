"""From the text of one cell to a value. Nothing here raises."""

import difflib
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache

from babel import Locale

CENT = Decimal("0.01")
DATE_FORMATS = ("%m/%d/%Y", "%Y-%m-%d")
SECTORS = (
    "employment",
    "entertainment",
    "finance",
    "marketing",
    "medical",
    "retail",
    "services",
    "software",
    "technology",
    "telecommunications",
)
# below this likeness two words are two words: "Philipines" is the Philippines
# (0.95), "Korea" is neither of the two Koreas
LIKENESS = 0.85


def spelling_key(name):
    """Return what two spellings of one name share: letters and digits, case aside.

    >>> spelling_key("GTX Pro") == spelling_key(" GTXPro ")
    True
    """
    return "".join(character for character in name.casefold() if character.isalnum())


def nearest(word, choices):
    """Return the choice that ``word`` most likely means, or ``None``."""
    found = difflib.get_close_matches(word, choices, n=1, cutoff=LIKENESS)
    return found[0] if found else None


@cache
def country_codes():
    """Return ``{English name: ISO code}`` of the world's countries."""
    territories = Locale("en").territories
    return {
        name: code
        for code, name in territories.items()
        if len(code) == 2 and code.isalpha()
    }


def parse_number(text):
    """Return ``text`` as a finite Decimal, ``None`` when it is no number."""
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def to_cents(number):
    """Return ``number`` at two digits, halves away from zero."""
    return number.quantize(CENT, ROUND_HALF_UP)


def parse_date(text):
    """Return ``text`` (month/day/year or ISO) as a date, ``None`` when it is none."""
    for date_format in DATE_FORMATS:
        try:
            return datetime.strptime(text, date_format).date()
        except ValueError:
            continue
    return None
