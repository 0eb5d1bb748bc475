"""Terms of plan versions and agreements; start of a version (docs/pay.md, 8)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .bonus import BonusTerms
from .draw import DrawTerms
from .errors import (
    BasisError,
    FirstOfMonthError,
    HalfYearError,
    StartedError,
    TooEarlyError,
)
from .fixed import PAY_AND_FLAG, check_policy
from .goals import HIGHER, Scale, check_direction, check_weights
from .money import HUNDRED, ONE, ZERO, keep, not_negative, payable, positive, within
from .period import MONTHS_OF_HALF_YEAR, add_months, month_start
from .split import PayMix, TargetSplit, split_target
from .tiers import PLAIN, Tier, check_tiers

PAID = "paid"
INVOICED = "invoiced"
BASES = (PAID, INVOICED)


def check_basis(basis: str) -> str:
    """Return ``basis`` if it is a known bonus basis.

    :raises BasisError: for any other value
    """
    if basis not in BASES:
        raise BasisError(value=basis, known=", ".join(BASES))
    return basis


@dataclass(frozen=True, slots=True)
class GoalTerms:
    """One goal of a plan's goal list.

    :param key: the KPI, any name
    :param weight: percent, above zero
    :param direction: whether ``higher`` or ``lower`` is better
    """

    key: object
    weight: Decimal
    direction: str = HIGHER

    def __post_init__(self):
        weight = within("weight", positive("weight", self.weight), ZERO, HUNDRED)
        keep(self, weight=weight, direction=check_direction(self.direction))


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """Terms that a plan version fixes for at least half a year.

    :param mix: shares of fixed pay, goal pay and bonus
    :param goals: the goal list; the weights total 100. May be empty only if the mix has
        no goal pay
    :param scale: threshold and cap of attainment
    :param basis: ``paid`` or ``invoiced``
    :param tiers: rate tiers of the bonus, over the half-year quota
    :param policy: ``pay_and_flag`` or ``hold_above_floor``
    :param loyalty_share: percent of the bonus that vests after twelve months of
        employment
    """

    mix: PayMix = field(default_factory=PayMix)
    goals: tuple[GoalTerms, ...] = ()
    scale: Scale = field(default_factory=Scale)
    basis: str = PAID
    tiers: tuple[Tier, ...] = PLAIN
    policy: str = PAY_AND_FLAG
    loyalty_share: Decimal = ZERO

    def __post_init__(self):
        keep(self, goals=tuple(self.goals), tiers=check_tiers(self.tiers))
        check_basis(self.basis)
        check_policy(self.policy)
        share = within("loyalty share", self.loyalty_share, ZERO, HUNDRED)
        keep(self, loyalty_share=share)
        if self.goals or self.mix.soft:
            check_weights((goal.key, goal.weight) for goal in self.goals)


@dataclass(frozen=True, slots=True)
class AgreementTerms:
    """Terms that one manager accepts in addition to the plan.

    :param target_earnings: money per month, above zero
    :param monthly_quota: money, above zero
    :param draw: money per month, zero or more
    :param recovery_rate: 0 to 1
    :param floor: money per month that is never held, zero or more
    :param digits: decimals of the currency
    """

    target_earnings: Decimal
    monthly_quota: Decimal
    draw: Decimal = ZERO
    recovery_rate: Decimal = ONE
    floor: Decimal = ZERO
    digits: int = 2

    def __post_init__(self):
        draw_terms = DrawTerms(self.draw, self.recovery_rate)
        amounts = {
            "target_earnings": positive("target earnings", self.target_earnings),
            "monthly_quota": positive("monthly quota", self.monthly_quota),
            "draw": draw_terms.draw,
            "floor": not_negative("floor", self.floor),
        }
        for name, amount in amounts.items():
            label = name.replace("_", " ")
            keep(self, **{name: payable(label, amount, self.digits)})
        keep(self, recovery_rate=draw_terms.recovery_rate)

    def split(self, plan: PlanTerms) -> TargetSplit:
        """Return the target earnings split by the plan's pay mix."""
        return split_target(self.target_earnings, plan.mix, self.digits)

    def bonus_terms(
        self, plan: PlanTerms, quota_months: int = MONTHS_OF_HALF_YEAR
    ) -> BonusTerms:
        """Return rate, quota and rate tiers of the bonus."""
        split = self.split(plan)
        return BonusTerms.of_split(split, self.monthly_quota, plan.tiers, quota_months)

    @property
    def draw_terms(self) -> DrawTerms:
        """Return draw and recovery rate."""
        return DrawTerms(self.draw, self.recovery_rate)


def check_first_of_month(day: date) -> date:
    """Return ``day`` if it is the first of a month.

    :raises FirstOfMonthError: for any other day, with the next first of a month
    """
    if day.day != 1:
        raise FirstOfMonthError(date=day, first_date=add_months(day, 1))
    return day


def first_start(wanted: date, starts: Iterable[date] = ()) -> date:
    """Return the first allowed start of a version on or after ``wanted``.

    It is the first of a month, at least six months before or after the start of every
    other version.

    :param wanted: any day
    :param starts: start dates of the plan's other versions

    >>> first_start(date(2026, 9, 1), [date(2026, 7, 1)])
    datetime.date(2027, 1, 1)
    """
    free = wanted if wanted.day == 1 else add_months(wanted, 1)
    for start in sorted(month_start(start) for start in starts):
        if _too_close(free, start):
            free = add_months(start, MONTHS_OF_HALF_YEAR)
    return free


def _too_close(one: date, other: date) -> bool:
    earlier, later = sorted((one, other))
    return later < add_months(earlier, MONTHS_OF_HALF_YEAR)


def check_version_start(
    wanted: date, starts: Iterable[date] = (), not_before: date | None = None
) -> date:
    """Return the start of a plan version if the half-year rule allows it.

    :param wanted: requested start date
    :param starts: start dates of the plan's other versions
    :param not_before: the first unpaid day, if there is one
    :raises FirstOfMonthError: if it isn't the first of a month
    :raises HalfYearError: if it is less than six months from another version
    :raises TooEarlyError: if it is before ``not_before``; all three errors have
        ``first_date``
    """
    starts = tuple(starts)
    first_date = first_start(max(wanted, not_before or wanted), starts)
    if wanted.day != 1:
        raise FirstOfMonthError(date=wanted, first_date=first_date)
    others = [start for start in starts if _too_close(wanted, month_start(start))]
    if others:
        raise HalfYearError(date=wanted, other=max(others), first_date=first_date)
    if not_before and wanted < not_before:
        raise TooEarlyError(date=wanted, not_before=not_before, first_date=first_date)
    return wanted


def check_not_started(date_from: date, on_day: date) -> None:
    """Refuse to change a version that is in force on ``on_day``.

    :raises StartedError: from the first day of the version on
    """
    if date_from <= on_day:
        raise StartedError(date_from=date_from)
