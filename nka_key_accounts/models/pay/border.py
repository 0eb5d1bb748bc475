"""Where Odoo's floats become the Decimals of the pay arithmetic, once.

And where its refusals become messages a person reads in his own language.
"""

from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from odoo.exceptions import ValidationError
from odoo.tools import LazyTranslate, format_date

from ...paycalc import PayError

_lt = LazyTranslate(__name__)


def to_decimal(value, digits=2):
    """Return a number of a record as a Decimal of ``digits`` decimals.

    A float that came from a numeric column prints as what was stored, so the
    text is the exact value.
    """
    number = value if isinstance(value, Decimal) else Decimal(repr(float(value or 0)))
    return number.quantize(Decimal(1).scaleb(-digits))


def to_money(value, currency):
    """Return an amount in units of ``currency`` as a Decimal of its decimals."""
    return to_decimal(value, currency.decimal_places)


def plain(value, digits=4):
    """Return a number as short plain text: 6, 0.5, 1500000."""
    return f"{to_decimal(value, digits).normalize():f}"


#: The texts of the arithmetic's refusals, by code; a test compares them.
REFUSALS = {
    "amount": _lt(
        "{name} is {value!r}, which can't be calculated with. Give a finite "
        "Decimal below 1E18 (convert floats once, where they enter)."
    ),
    "negative": _lt("{name} is {value}. Enter zero or more."),
    "not_positive": _lt("{name} is {value}. Enter a value above zero."),
    "range": _lt("{name} is {value}. Enter a value from {low} to {high}."),
    "precision": _lt(
        "{name} is {value}, finer than the currency's {digits} decimals. "
        "Round it before it is agreed."
    ),
    "mix": _lt(
        "The shares of fixed pay, soft pay and bonus add up to {total} %. "
        "Change them so that they make 100 %."
    ),
    "weight": _lt(
        "The weights of the goals add up to {total} %. "
        "Change them so that they make 100 %."
    ),
    "goal_list": _lt("Goal list: {problem}. Name each goal exactly once."),
    "threshold": _lt(
        "The threshold {threshold} is above the cap {cap}. "
        "Lower the threshold or raise the cap."
    ),
    "tier": _lt(
        "Bonus tiers: {problem}. Let the first start at 0 %, each next one "
        "where the one before ends, and leave the end of the last one open."
    ),
    "first_of_month": _lt(
        "{date} is not the first day of a month. Start on {first_date} instead."
    ),
    "half_year": _lt(
        "A version starting on {date} is less than six months from the one "
        "of {other}. The first date that would do is {first_date}."
    ),
    "too_early": _lt(
        "A version can't start on {date}, before {not_before}. "
        "The first date that would do is {first_date}."
    ),
    "target": _lt("Goal {goal}: {problem}."),
    "decision": _lt("Goal {goal}: {problem}."),
}


@contextmanager
def refusing(env):
    """Turn a refusal of the arithmetic into a message in the user's language."""
    try:
        yield
    except PayError as error:
        raise ValidationError(explain_refusal(env, error)) from error


def explain_refusal(env, error):
    """Return what a PayError says, translated, with the user's dates.

    :param PayError error: refused by the pay arithmetic
    """
    template = REFUSALS.get(error.code)
    if not template:
        return str(error)
    text = env._(template)  # pylint: disable=translation-contains-variable
    return text.format(**{k: _shown(env, v) for k, v in error.values.items()})


def _shown(env, value):
    return format_date(env, value) if isinstance(value, date) else value
