"""Bonus month by month, and the difference after an adjustment (docs/pay.md, 6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .bonus import BonusTerms, MonthBonus, month_bonus
from .draw import NO_DRAW, DrawTerms, PaidBonus, pay_bonus
from .errors import PeriodError
from .loyalty import VESTED, Loyalty, LoyaltyPay, loyalty_pay
from .money import ONE, ZERO, decimal, exact, keep, not_negative, rnd, total, within
from .period import check_month, half_year
from .proration import prorate


@dataclass(frozen=True, slots=True)
class CreditMonth:
    """Credits of one manager in a month, and the terms that pay them.

    :param month: first day of the month
    :param credits: money, less reversals of the same half-year
    :param terms: rate, quota and tiers in force
    :param draw: draw and recovery rate in force
    :param retro: bonus from closed months, money: clawbacks and adjustments
    :param proportion: proration factor of the month, 0 to 1; prorates the draw
    :param half_year: first day of the month's half-year; required if the company's
        years don't start in January
    :param loyalty_share: percent of the bonus that vests after a year
    :param loyalty_state: whether it is held, vested or lapsed in the month
    """

    month: date
    credits: Decimal
    terms: BonusTerms
    draw: DrawTerms = NO_DRAW
    retro: Decimal = ZERO
    proportion: Decimal = ONE
    half_year: date | None = None
    loyalty_share: Decimal = ZERO
    loyalty_state: str = VESTED

    def __post_init__(self):
        keep(
            self,
            month=check_month(self.month),
            half_year=check_month(self.half_year or half_year(self.month)),
            credits=decimal("credits", self.credits),
            retro=decimal("bonus from closed months", self.retro),
            proportion=within("proportion", self.proportion, ZERO, ONE),
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """State carried from month to month.

    :param half_year: first day of the half-year of the credits, or None
    :param credits: credits of that half-year so far, money
    :param balance: draw balance, money, zero or more
    :param loyalty_held: loyalty share held and not vested yet, money
    :param loyalty_lapsed: loyalty share lapsed so far, money
    """

    half_year: date | None = None
    credits: Decimal = ZERO
    balance: Decimal = ZERO
    loyalty_held: Decimal = ZERO
    loyalty_lapsed: Decimal = ZERO

    def __post_init__(self):
        keep(
            self,
            credits=decimal("credits so far", self.credits),
            balance=not_negative("balance", self.balance),
            loyalty_held=not_negative("held before", self.loyalty_held),
            loyalty_lapsed=not_negative("lapsed before", self.loyalty_lapsed),
        )

    def credits_in(self, month: date, start: date | None = None) -> Decimal:
        """Return the credits so far in the half-year of ``month``, money.

        :param start: its first day; required if years don't start in January
        """
        return self.credits if self.half_year == (start or half_year(month)) else ZERO


START = Standing()


@dataclass(frozen=True, slots=True)
class BonusMonth:
    """Result of one month: bonus on credits, loyalty share, draw, and the state after.

    :param loyalty: share of the bonus that is held, vests or lapses
    """

    month: date
    bonus: MonthBonus
    paid: PaidBonus
    standing: Standing
    loyalty: LoyaltyPay

    @property
    def earned(self) -> Decimal:
        """Return the bonus before the draw, including closed months; money.

        The loyalty share held is deducted, and what vests is added.
        """
        return self.paid.earned

    @property
    def balance(self) -> Decimal:
        """Return the draw balance after the month, money."""
        return self.paid.balance


@exact
def bonus_step(standing: Standing, facts: CreditMonth, digits: int = 2) -> BonusMonth:
    """Return one month's bonus, based on the months before.

    :param standing: state after the month before
    :param facts: credits and terms of the month
    :param digits: decimals of the currency
    """
    before = standing.credits_in(facts.month, facts.half_year)
    bonus = month_bonus(before, facts.credits, facts.terms, digits)
    draw = prorate(facts.draw.draw, facts.proportion, digits).amount
    terms = DrawTerms(draw, facts.draw.recovery_rate)
    earned = rnd(bonus.amount + facts.retro, digits)
    loyalty = loyalty_pay(earned, _loyalty(standing, facts), digits)
    due = earned + loyalty.amount + loyalty.vested
    paid = pay_bonus(due, standing.balance, terms, digits)
    after = Standing(
        facts.half_year,
        before + facts.credits,
        paid.balance,
        loyalty.held,
        loyalty.lapsed_total,
    )
    return BonusMonth(facts.month, bonus, paid, after, loyalty)


def _loyalty(standing: Standing, facts: CreditMonth) -> Loyalty:
    return Loyalty(
        facts.loyalty_share,
        facts.loyalty_state,
        standing.loyalty_held,
        standing.loyalty_lapsed,
    )


def replay(
    months: Iterable[CreditMonth], standing: Standing = START, digits: int = 2
) -> tuple[BonusMonth, ...]:
    """Return the bonus of several months, calculated one after the other.

    Credits restart at zero with each half-year; the draw balance is carried forward.

    :param months: in order, each once
    :param standing: state before the first month
    :param digits: decimals of the currency
    :raises PeriodError: if the months are out of order

    >>> terms = BonusTerms(Decimal("0.05"), Decimal(2000000))
    >>> facts = [
    ...     CreditMonth(date(2026, m, 1), Decimal(sales), terms, DrawTerms(50000))
    ...     for m, sales in [(7, 0), (8, 400000), (9, 3800000), (10, 1200000)]
    ... ]
    >>> [(str(m.paid.amount), str(m.balance)) for m in replay(facts)][1:3]
    [('50000.00', '80000.00'), ('110000.00', '0.00')]
    """
    done = []
    for facts in months:
        if done and facts.month <= done[-1].month:
            raise PeriodError(problem=f"{facts.month} follows {done[-1].month}")
        done.append(bonus_step(standing, facts, digits))
        standing = done[-1].standing
    return tuple(done)


def retro_bonus(
    closed: Iterable[BonusMonth], corrected: Iterable[BonusMonth], digits: int = 2
) -> Decimal:
    """Return the bonus to add in the first open month after an adjustment.

    If a month is reopened while later ones stay closed, those keep what they paid. The
    difference to what they would have earned is settled once, as ``retro`` of the first
    open month, where draw and recovery apply to it.

    :param closed: the months as they were locked
    :param corrected: the same months, replayed with the adjusted credits
    :param digits: decimals of the currency
    :return: money, negative if too much was earned
    :raises PeriodError: if the two aren't the same months
    """
    closed, corrected = tuple(closed), tuple(corrected)
    if [m.month for m in closed] != [m.month for m in corrected]:
        raise PeriodError(problem="Closed and corrected months differ")
    was = total(month.earned for month in closed)
    return rnd(total(month.earned for month in corrected) - was, digits)
