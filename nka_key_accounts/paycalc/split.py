"""Target earnings split by the pay mix (docs/pay.md, 1)."""

from dataclasses import dataclass
from decimal import Decimal

from .errors import MixError
from .explain import Result, inputs
from .money import HUNDRED, ZERO, exact, keep, payable, positive, rnd, total, within


@dataclass(frozen=True, slots=True)
class PayMix:
    """Pay mix: percent of the target earnings in each component, 100 in total.

    >>> PayMix()
    PayMix(fixed=Decimal('40'), soft=Decimal('10'), bonus=Decimal('50'))
    >>> PayMix(50, 10, 50)
    Traceback (most recent call last):
    ...
    MixError: The shares ... add up to 110 %. Adjust them ...
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
    """Monthly target pay by component; ``amount`` is the total."""

    fixed: Decimal
    soft: Decimal
    bonus: Decimal


@exact
def split_target(
    target_earnings: Decimal, mix: PayMix | None = None, digits: int = 2
) -> TargetSplit:
    """Split monthly target earnings into fixed pay, goal pay and bonus.

    Fixed pay and goal pay are rounded, and the bonus is the remainder, so that the
    components add up exactly. Goal pay is limited to what remains, so that rounding
    can't make the bonus negative.

    :param target_earnings: money per month, above zero, payable
    :param mix: the shares; 40/10/50 by default
    :param digits: decimals of the currency
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
