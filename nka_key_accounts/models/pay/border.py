"""Convert Odoo floats to Decimal for ``paycalc``, and ``PayError`` to user messages.

Messages are translated into the user's language.
"""

from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from odoo.exceptions import ValidationError
from odoo.tools import LazyTranslate, format_date

from ...paycalc import PayError
from ...paycalc.errors import Problem

_lt = LazyTranslate(__name__)

#: Field labels for the number names used in ``paycalc`` errors.
NAMES = {
    "amount": _lt("Amount"),
    "balance": _lt("Draw balance"),
    "bonus rate": _lt("Bonus rate"),
    "cap": _lt("Cap"),
    "covered days": _lt("Days covered by reports or time off"),
    "draw": _lt("Draw"),
    "employed days": _lt("Workdays employed"),
    "end of a tier": _lt("End of a rate tier"),
    "factor of a tier": _lt("Factor"),
    "fixed pay": _lt("Fixed pay"),
    "floor": _lt("Fixed pay floor"),
    "loyalty share": _lt("Loyalty share (%)"),
    "measured value": _lt("Measured value"),
    "monthly quota": _lt("Monthly quota"),
    "monthly_quota": _lt("Monthly quota"),
    "proportion": _lt("Proration factor"),
    "recovery rate": _lt("Recovery rate"),
    "scheduled days": _lt("Scheduled workdays"),
    "soft pay": _lt("Goal pay"),
    "start of a tier": _lt("Start of a rate tier"),
    "target": _lt("Target"),
    "target bonus": _lt("Target bonus"),
    "target earnings": _lt("Target earnings"),
    "target_earnings": _lt("Target earnings"),
    "threshold": _lt("Threshold"),
    "unpaid days": _lt("Days of unpaid leave"),
    "weight": _lt("Weight"),
    "zero value": _lt("Zero-score value"),
}


def to_decimal(value, digits=2):
    """Return ``value`` as a Decimal with ``digits`` decimals.

    The repr of a float read from a numeric column is exactly the stored number, so the
    conversion is exact.
    """
    number = value if isinstance(value, Decimal) else Decimal(repr(float(value or 0)))
    return number.quantize(Decimal(1).scaleb(-digits))


def to_money(value, currency):
    """Return an amount in ``currency`` as a Decimal with that currency's decimals."""
    return to_decimal(value, currency.decimal_places)


def plain(value, digits=4):
    """Return a number as short plain text, for example 6, 0.5 or 1500000."""
    return f"{to_decimal(value, digits).normalize():f}"


@contextmanager
def refusing(env):
    """Raise a ``PayError`` as a ValidationError in the user's language."""
    try:
        yield
    except PayError as error:
        raise ValidationError(explain_refusal(env, error)) from error


def explain_refusal(env, error):
    """Return the message of ``error``, translated, with dates in the user's format.

    :param PayError error: raised by ``paycalc``
    :rtype: str
    """
    return _filled(env, error.template, error.values)


def _filled(env, template, values):
    text = env._(template)  # pylint: disable=translation-contains-variable
    return text.format(**{k: _shown(env, k, v) for k, v in values.items()})


def _shown(env, key, value):
    if isinstance(value, Problem):
        return _filled(env, value.template, value.values)
    if key == "name" and value in NAMES:
        return env._(NAMES[value])  # pylint: disable=translation-contains-variable
    return format_date(env, value) if isinstance(value, date) else value
