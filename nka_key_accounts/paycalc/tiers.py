"""Marginal bonus tiers over the quota of a half-year (docs/pay.md, 4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from .errors import Problem, TierError
from .marks import _lt
from .money import HUNDRED, ONE, ZERO, decimal, exact, keep, not_negative, positive


@dataclass(frozen=True, slots=True)
class Tier:
    """How credits in one stretch of the quota count.

    :param start: percent of the half-year quota where it begins
    :param end: percent where it ends, None for the last tier
    :param factor: by which credits in it count, zero or more
    """

    start: Decimal = ZERO
    end: Decimal | None = None
    factor: Decimal = ONE

    def __post_init__(self):
        keep(
            self,
            start=not_negative("start of a tier", self.start),
            factor=not_negative("factor of a tier", self.factor),
        )
        if self.end is not None:
            keep(self, end=not_negative("end of a tier", self.end))


PLAIN = (Tier(),)


@dataclass(frozen=True, slots=True)
class TierPart:
    """The credits that fall into one tier, and what they count for; money."""

    tier: Tier
    credits: Decimal
    weighted: Decimal


def check_tiers(tiers: Iterable[Tier]) -> tuple[Tier, ...]:
    """Return tiers that cover every amount of credits exactly once.

    :raises TierError: for no tier, a gap, an overlap, no open end

    >>> half = Decimal(50)
    >>> check_tiers([Tier(end=half), Tier(start=Decimal(60))])
    Traceback (most recent call last):
    ...
    TierError: Rate tiers: no tier covers 50 % to 60 %. Start the first ...
    """
    tiers = tuple(tiers)
    reached = ZERO
    for tier in tiers:
        if reached is None:
            raise TierError(
                problem=Problem(_lt("a tier follows the one without an end"))
            )
        _check_joint(reached, tier.start)
        if tier.end is not None and tier.end <= tier.start:
            raise TierError(
                problem=Problem(
                    _lt("a tier ends at {end} %, but has to end above its start"),
                    end=tier.end,
                )
            )
        reached = tier.end
    if reached is not None:
        raise TierError(
            problem=Problem(_lt("no tier covers more than {end} %"), end=reached)
        )
    return tiers


def _check_joint(reached: Decimal, start: Decimal) -> None:
    if start > reached:
        raise TierError(
            problem=Problem(
                _lt("no tier covers {start} % to {end} %"), start=reached, end=start
            )
        )
    if start < reached:
        raise TierError(
            problem=Problem(
                _lt("two tiers cover {start} % to {end} %"), start=start, end=reached
            )
        )


@exact
def tier_parts(
    credits: Decimal, half_year_quota: Decimal, tiers: Iterable[Tier] = PLAIN
) -> tuple[TierPart, ...]:
    """Return which credits fall into which tier.

    Each tier weighs only the credits inside it; reaching a tier never changes
    what the ones below it gave. Credits below zero fall into the first tier.

    :param credits: credits of the half-year so far, money
    :param half_year_quota: money, above zero

    >>> tiers = [Tier(end=Decimal(100)), Tier(Decimal(100), factor=Decimal(2))]
    >>> [str(part.weighted) for part in tier_parts(130, 100, tiers)]
    ['100', '60']
    """
    credits = decimal("credits", credits)
    quota = positive("half-year quota", half_year_quota)
    tiers = check_tiers(tiers)
    return tuple(
        _tier_part(tier, credits, quota, is_first=tier is tiers[0]) for tier in tiers
    )


def _tier_part(tier, credits, quota, is_first) -> TierPart:
    start = quota * tier.start / HUNDRED
    end = credits if tier.end is None else quota * tier.end / HUNDRED
    inside = min(credits, end) - start
    if not is_first:
        inside = max(ZERO, inside)
    return TierPart(tier=tier, credits=inside, weighted=inside * tier.factor)


@exact
def weighted_credits(
    credits: Decimal, half_year_quota: Decimal, tiers: Iterable[Tier] = PLAIN
) -> Decimal:
    """Return what all credits of a half-year count for, unrounded money.

    >>> weighted_credits(Decimal("33333.33"), Decimal(12000000))
    Decimal('33333.33')
    """
    parts = tier_parts(credits, half_year_quota, tiers)
    return sum((part.weighted for part in parts), ZERO)


@exact
def marginal_factor(
    credits: Decimal, half_year_quota: Decimal, tiers: Iterable[Tier] = PLAIN
) -> Decimal:
    """Return the factor for the next credit on top of ``credits``."""
    quota = positive("half-year quota", half_year_quota)
    first, *others = check_tiers(tiers)
    factor = first.factor
    for tier in others:
        if quota * tier.start <= credits * HUNDRED:
            factor = tier.factor
    return factor
