"""Where Odoo's floats become the Decimals of the pay arithmetic, once.

And where its refusals become messages people read in their own language.
"""

from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from odoo.exceptions import ValidationError
from odoo.tools import LazyTranslate, format_date

from ...paycalc import PayError
from ...paycalc.errors import Problem

_lt = LazyTranslate(__name__)

#: What the arithmetic calls a number, and the label a screen gives it.
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
