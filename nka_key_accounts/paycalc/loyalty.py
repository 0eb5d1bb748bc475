"""Loyalty share: the part of a bonus that vests after a year (docs/pay.md, 6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .errors import LoyaltyStateError
from .explain import Result, inputs
from .money import HUNDRED, ZERO, decimal, exact, keep, not_negative, rnd, within
from .period import months_after

MONTHS_TO_VEST = 12

# What happens to the loyalty share of a month.
HOLDING = "holding"
VESTED = "vested"
LAPSED = "lapsed"
LOYALTY_STATES = (HOLDING, VESTED, LAPSED)


@dataclass(frozen=True, slots=True)
class Loyalty:
    """Terms and state of one person's loyalty share in a month.

    :param share: percent of the bonus that vests after twelve months of employment
    :param state: from :func:`loyalty_state`
    :param held_before: held before the month and not vested yet, money
    :param lapsed_before: lapsed before the month, money
    """

    share: Decimal = ZERO
    state: str = VESTED
    held_before: Decimal = ZERO
    lapsed_before: Decimal = ZERO

    def __post_init__(self):
        keep(
            self,
            share=within("loyalty share", self.share, ZERO, HUNDRED),
            held_before=not_negative("held before", self.held_before),
            lapsed_before=not_negative("lapsed before", self.lapsed_before),
        )
        if self.state not in LOYALTY_STATES:
            known = ", ".join(LOYALTY_STATES)
            raise LoyaltyStateError(value=self.state, known=known)


NO_LOYALTY = Loyalty()


def loyalty_state(
    first_day: date,
    month_end: date,
    last_day: date | None = None,
    is_own_decision: bool = False,
) -> str:
    """Return whether the loyalty share of a month is held, vested or lapsed.

    It vests with the month in which twelve months of employment are complete, or in
    which the company ends the employment. It lapses if the employee leaves before.

    :param first_day: of the employment
    :param month_end: last day of the month
    :param last_day: of the employment, if it ends by ``month_end``
    :param is_own_decision: whether the employee ended it

    >>> loyalty_state(date(2025, 3, 1), date(2026, 1, 31))
    'holding'
    >>> loyalty_state(date(2025, 3, 1), date(2026, 2, 28))
    'vested'
    >>> loyalty_state(date(2025, 3, 1), date(2025, 9, 30), date(2025, 9, 12), True)
    'lapsed'
    >>> loyalty_state(date(2025, 3, 1), date(2025, 9, 30), date(2025, 9, 12))
    'vested'
    """
    ends = bool(last_day and last_day <= month_end)
    if vesting_day(first_day) <= (last_day if ends else month_end):
        return VESTED
    if not ends:
        return HOLDING
    return LAPSED if is_own_decision else VESTED


def employment_start(spans: Iterable[tuple[date, date | None]], day: date) -> date:
    """Return the first day of the employment without a break that includes a day.

    Months of an earlier employment don't count if at least one day lies between.

    :param spans: first and last day of contracts and agreements; None if open-ended
    :param day: a day of the employment; after its end, the last employment counts

    >>> march, june = (date(2025, 3, 1), date(2025, 5, 31)), (date(2025, 6, 1), None)
    >>> employment_start([march, june], date(2025, 9, 30))
    datetime.date(2025, 3, 1)
    >>> employment_start([march, (date(2025, 6, 2), None)], date(2025, 9, 30))
    datetime.date(2025, 6, 2)
    """
    days = sorted((first, last or date.max) for first, last in spans)
    start, end = days[0]
    for first, last in days:
        if first > day:
            break
        if end < first - timedelta(days=1):
            start = first
        end = max(end, last)
    return start


def vesting_day(first_day: date) -> date:
    """Return the day on which twelve months of employment are complete.

    >>> vesting_day(date(2025, 3, 1)), vesting_day(date(2025, 6, 16))
    (datetime.date(2026, 2, 28), datetime.date(2026, 6, 15))
    >>> vesting_day(date(2024, 2, 29))
    datetime.date(2025, 2, 28)
    """
    return months_after(first_day - timedelta(days=1), MONTHS_TO_VEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoyaltyPay(Result):
    """Loyalty share of a month; ``amount`` is what it adds to the bonus, money.

    :param change: increase or decrease of what the employee hasn't been paid
    :param vested: held before and paid with this month
    :param lapsed: lapsed with this month; negative if a clawback reduces it
    :param held: held after the month
    :param lapsed_total: lapsed so far, including this month
    """

    change: Decimal
    vested: Decimal
    lapsed: Decimal
    held: Decimal
    lapsed_total: Decimal

    @property
    def vesting(self) -> Result:
        """Return the amount that vests with this month as a result of its own."""
        return Result(
            amount=self.vested,
            code="loyalty.vested",
            inputs=inputs(loyalty_held_before=self.vested),
        )

    @property
    def lapsing(self) -> Result:
        """Return the amount that lapses with this month; it adds nothing to pay."""
        return Result(
            amount=rnd(ZERO),
            code="loyalty.lapsed",
            inputs=inputs(loyalty_lapsed=self.lapsed),
            reason="loyalty_lapsed",
        )


@exact
def loyalty_pay(
    earned: Decimal, loyalty: Loyalty = NO_LOYALTY, digits: int = 2
) -> LoyaltyPay:
    """Return the loyalty share of a month's bonus.

    The share of a negative bonus reduces what is held, at most to zero. The draw
    applies to the bonus without the share.

    :param earned: bonus of the month with clawbacks and adjustments, money
    :param loyalty: terms and state
    :param digits: decimals of the currency

    >>> pay = loyalty_pay(Decimal(100000), Loyalty(Decimal(20), HOLDING))
    >>> pay.amount, pay.held
    (Decimal('-20000.00'), Decimal('20000.00'))
    >>> loyalty_pay(Decimal(0), Loyalty(Decimal(20), VESTED, pay.held)).vested
    Decimal('20000.00')
    """
    earned = decimal("earned bonus", earned)
    held = rnd(loyalty.held_before, digits)
    lapsed = rnd(loyalty.lapsed_before, digits)
    change = vested = lapses = rnd(ZERO, digits)
    if loyalty.state == VESTED:
        held, vested = rnd(ZERO, digits), held
    else:
        share = rnd(loyalty.share / HUNDRED * earned, digits)
        most = held + lapsed if loyalty.state == LAPSED else held
        change = max(-most, share)
        held = held + change
        if loyalty.state == LAPSED:
            held, lapses = rnd(ZERO, digits), held
    return LoyaltyPay(
        amount=rnd(-change, digits),
        code="loyalty.lapsed_share" if loyalty.state == LAPSED else "loyalty.holding",
        inputs=inputs(
            earned=earned,
            loyalty_share=loyalty.share,
            loyalty_held_before=rnd(loyalty.held_before, digits),
        ),
        reason="" if change else _why_nothing(loyalty, earned),
        change=change,
        vested=vested,
        lapsed=lapses,
        held=held,
        lapsed_total=lapsed + lapses,
    )


def _why_nothing(loyalty: Loyalty, earned: Decimal) -> str:
    if loyalty.state == VESTED:
        return "loyalty_vested"
    if not loyalty.share:
        return "no_loyalty_share"
    return "too_small" if earned > 0 else "nothing_held"
