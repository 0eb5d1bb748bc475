"""Target earnings split by the pay mix (docs/pay.md, 1)."""

from dataclasses import dataclass
from decimal import Decimal

from .errors import MixError
from .explain import Result, inputs
from .money import HUNDRED, ZERO, exact, keep, payable, positive, rnd, total, within


@dataclass(frozen=True, slots=True)
class PayMix:
    """Percent of the target earnings in each part; 100 together.

    >>> PayMix()
    PayMix(fixed=Decimal('40'), soft=Decimal('10'), bonus=Decimal('50'))
    >>> PayMix(50, 10, 50)
    Traceback (most recent call last):
    ...
    MixError: The shares ... add up to 110 %. Change them ...
    """

    fixed: Decimal = Decimal(40)
    soft: Decimal = Decimal(10)
    bonus: Decimal = Decimal(50)

    def __post_init__(self):
        for name in ("fixed", "soft", "bonus"):
            share = within(f"{name} share", getattr(self, name), ZERO, HUNDRED)
            keep(self, **{name: share})
        percent = total((self.fixed, self.soft, self.bonus))
        if percent != HUNDRED:
            raise MixError(total=percent)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSplit(Result):
    """Target pay of a month in parts; ``amount`` is the whole of it."""

    fixed: Decimal
    soft: Decimal
    bonus: Decimal


@exact
def split_target(
    target_earnings: Decimal, mix: PayMix | None = None, digits: int = 2
) -> TargetSplit:
    """Split monthly target earnings into fixed pay, soft pay and bonus.

    Fixed and soft are rounded, the bonus is the remainder, so the parts make
    the target exactly. None takes more than is left, so none falls below zero by
    a stray cent.

    :param target_earnings: money per month, above zero, payable
    :param mix: the shares, 40/10/50 when not given
    :raises NotPositiveError: for zero or less
    :raises PrecisionError: for a target finer than the currency

    >>> split = split_target(Decimal("100000.05"))
    >>> split.fixed, split.soft, split.bonus
    (Decimal('40000.02'), Decimal('10000.01'), Decimal('50000.02'))
    """
    mix = mix or PayMix()
    target = payable(
        "target earnings", positive("target earnings", target_earnings), digits
    )
    fixed = rnd(target * mix.fixed / HUNDRED, digits)
    soft = min(rnd(target * mix.soft / HUNDRED, digits), target - fixed)
    return TargetSplit(
        amount=target,
        code="split",
        inputs=inputs(
            target_earnings=target,
            fixed_share=mix.fixed,
            soft_share=mix.soft,
            bonus_share=mix.bonus,
        ),
        fixed=fixed,
        soft=soft,
        bonus=target - fixed - soft,
    )
