"""Where Odoo's floats become the Decimals of the pay arithmetic, once.

And where its refusals become messages people read in their own language.
"""

from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ...paycalc import PayError


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
    text = env._(error.template)  # pylint: disable=translation-contains-variable
    return text.format(**{k: _shown(env, v) for k, v in error.values.items()})


def _shown(env, value):
    return format_date(env, value) if isinstance(value, date) else value
