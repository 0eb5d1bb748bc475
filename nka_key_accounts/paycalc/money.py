"""Exact decimal money: rounding and checks of numbers.

Section 1 of docs/pay.md. Amounts are ``Decimal`` in units of the company currency;
``digits`` is the number of decimals of that currency. Binary floats are refused:
callers convert them once.
"""

from collections.abc import Iterable
from decimal import (
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from functools import wraps

from .errors import (
    AmountError,
    DigitsError,
    NegativeAmountError,
    NotPositiveError,
    PrecisionError,
    RangeError,
)

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)

# Precise enough to multiply an amount, a rate and a ratio without loss. A separate
# object, so that changes to a shared decimal context can't affect pay.
CONTEXT = Context(
    prec=60,
    rounding=ROUND_HALF_UP,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
# 1/22 of 80,000.03 is exactly 3,636.365, but as a decimal 1/22 never ends and
# the product falls short of the half. Snapping to 20 decimals first gives the
# half back, so that a true half always rounds up.
SNAP = Decimal("1E-20")
LIMIT = Decimal("1E18")


def exact(function):
    """Run ``function`` in this package's own decimal context."""

    @wraps(function)
    def in_context(*args, **kwargs):
        with localcontext(CONTEXT):
            return function(*args, **kwargs)

    return in_context


def decimal(name: str, value) -> Decimal:
    """Return ``value`` as a finite Decimal.

    :param name: what the value is, for the message
    :param value: Decimal or int
    :raises AmountError: for floats, text, booleans, NaN, infinity, 1E18 and above

    >>> decimal("quota", 2)
    Decimal('2')
    """
    if isinstance(value, bool) or not isinstance(value, (Decimal, int)):
        raise AmountError(name=name, value=value)
    number = Decimal(value)
    if not number.is_finite() or number.copy_abs() >= LIMIT:
        raise AmountError(name=name, value=value)
    return number


def not_negative(name: str, value) -> Decimal:
    """Return ``value`` as a Decimal of zero or more.

    :raises NegativeAmountError: for a value below zero
    """
    number = decimal(name, value)
    if number < 0:
        raise NegativeAmountError(name=name, value=number)
    return number


def positive(name: str, value) -> Decimal:
    """Return ``value`` as a Decimal above zero.

    :raises NotPositiveError: for zero or less
    """
    number = decimal(name, value)
    if number <= 0:
        raise NotPositiveError(name=name, value=number)
    return number


def within(name: str, value, low: Decimal, high: Decimal) -> Decimal:
    """Return ``value`` as a Decimal from ``low`` to ``high``.

    :raises RangeError: for a value outside the range
    """
    number = decimal(name, value)
    if not low <= number <= high:
        raise RangeError(name=name, value=number, low=low, high=high)
    return number


def currency_digits(digits: int) -> int:
    """Return ``digits`` if a currency can have that many decimals, 0 to 6.

    :raises DigitsError: for any other value
    """
    if type(digits) is not int or not 0 <= digits <= 6:
        raise DigitsError(value=digits)
    return digits


def payable(name: str, value, digits: int) -> Decimal:
    """Return ``value`` as a Decimal in whole smallest units of the currency.

    :raises PrecisionError: for an amount finer than the currency

    >>> payable("floor", Decimal("27093"), 2)
    Decimal('27093.00')
    """
    number = decimal(name, value)
    rounded = rnd(number, digits)
    if rounded != number:
        raise PrecisionError(name=name, value=number, digits=digits)
    return rounded


def rnd(amount: Decimal, digits: int = 2) -> Decimal:
    """Round to the currency, halves away from zero (docs/pay.md, 1).

    Positive and negative amounts round alike, so that a reversal equals the original
    amount. Zero never has a minus sign.

    :param amount: money in units of the currency
    :param digits: decimals of the currency, 0 to 6

    >>> rnd(Decimal("2.345")), rnd(Decimal("-2.345")), rnd(Decimal("2.5"), 0)
    (Decimal('2.35'), Decimal('-2.35'), Decimal('3'))
    >>> rnd(Decimal("-0.001"))
    Decimal('0.00')
    """
    number = decimal("amount", amount)
    step = ONE.scaleb(-currency_digits(digits))
    snapped = number.quantize(SNAP, context=CONTEXT)
    return CONTEXT.plus(snapped.quantize(step, context=CONTEXT))


@exact
def total(amounts: Iterable[Decimal]) -> Decimal:
    """Add amounts without rounding.

    >>> total([Decimal("0.10"), Decimal("0.20")])
    Decimal('0.30')
    """
    return sum(amounts, ZERO)


def keep(instance, **values) -> None:
    """Set checked values on a frozen dataclass during its initialization."""
    for name, value in values.items():
        object.__setattr__(instance, name, value)
