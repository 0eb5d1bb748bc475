"""Statement of a month, assembled from its components (docs/pay.md, 7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from .bonus import ADDED
from .draw import PaidBonus
from .errors import ComponentError, EarnedError
from .explain import Result, inputs
from .fixed import FixedPay
from .loyalty import LoyaltyPay
from .money import HUNDRED, ZERO, decimal, exact, keep, rnd, total
from .season import SoftPay
from .split import TargetSplit

FIXED = "fixed"
SOFT = "soft"
BONUS = "bonus"
COMPONENTS = (FIXED, SOFT, BONUS)

# Kinds of lines, in the order of the statement.
LOYALTY = "loyalty"
VESTING = "vesting"
RELEASE = "release"
CLAWBACK = "clawback"
CORRECTION = "correction"
CARRY = "carry"
KINDS = (
    FIXED,
    SOFT,
    BONUS,
    LOYALTY,
    RELEASE,
    CLAWBACK,
    CORRECTION,
    VESTING,
    CARRY,
)
RETRO_KINDS = (RELEASE, CLAWBACK, CORRECTION, VESTING)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement.

    :param kind: one of ``KINDS``
    :param component: component it is paid as: fixed, soft or bonus
    :param amount: money it adds to the total
    :param result: its calculation
    """

    kind: str
    component: str
    amount: Decimal
    result: Result


@dataclass(frozen=True, slots=True)
class RealisedShare:
    """Target and actual share of one pay component.

    :param target_percent: percent according to the pay mix
    :param target_amount: money at target, for a full month
    :param amount: money actually paid
    :param percent: percent of the month's total; None unless the total is above zero
    """

    component: str
    target_percent: Decimal
    target_amount: Decimal
    amount: Decimal
    percent: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement(Result):
    """Statement of one manager for a month; ``amount`` is the total in money.

    ``total = fixed + soft + bonus + carry + retro``. Held pay is shown, but not
    included.

    :param fixed_amount: fixed pay of this month that is paid now
    :param held_amount: fixed pay of this month that is held
    :param soft_amount: goal pay, in the last month of a season
    :param bonus_amount: bonus earned by the month's credits, less the loyalty share
        that is held
    :param carry_amount: draw added, or draw balance recovered
    :param retro_amount: amounts from closed months: releases, clawbacks, adjustments,
        loyalty share that vests
    :param balance: draw balance after the month
    :param lines: all of the above by line
    :param shares: target and actual share of each component
    """

    fixed_amount: Decimal
    held_amount: Decimal
    soft_amount: Decimal
    bonus_amount: Decimal
    carry_amount: Decimal
    retro_amount: Decimal
    balance: Decimal
    lines: tuple[Line, ...]
    shares: tuple[RealisedShare, ...]

    @property
    def total_amount(self) -> Decimal:
        """Return the pay of the month, money."""
        return self.amount

    def component(self, name: str) -> Decimal:
        """Return the money paid as fixed, soft or bonus; the three add up to the total.

        :raises ComponentError: for any other name
        """
        check_component(name)
        return total(line.amount for line in self.lines if line.component == name)


def check_component(name: str) -> str:
    """Return ``name`` if it is a pay component.

    :raises ComponentError: for any other name
    """
    if name not in COMPONENTS:
        raise ComponentError(value=name, known=", ".join(COMPONENTS))
    return name


@dataclass(frozen=True, slots=True)
class Correction:
    """Adjustment of a closed month, with its reason.

    :param component: fixed, soft or bonus
    :param amount: money, negative if pay is reduced
    :param note: the reason as entered
    """

    component: str
    amount: Decimal
    note: str

    def __post_init__(self):
        check_component(self.component)
        keep(self, amount=decimal("correction", self.amount))

    def result(self, digits: int) -> Result:
        """Return the adjustment as a result with its note."""
        amount = rnd(self.amount, digits)
        reason = "" if amount else "nothing_due"
        shown = inputs(note=self.note)
        return Result(amount=amount, code="correction", inputs=shown, reason=reason)


def no_soft_pay(digits: int = 2) -> Result:
    """Return the goal pay, 0, of a month that isn't the last of a season."""
    zero = rnd(ZERO, digits)
    return Result(amount=zero, code="soft.not_due", inputs=(), reason="not_season_end")


@dataclass(frozen=True, slots=True)
class Retro:
    """Amounts from closed months that are settled in this one.

    :param releases: from ``release_held``, one per month with held pay
    :param clawbacks: from ``clawback``, one per source month; those that add credits
        become adjustments
    :param corrections: all other adjustments, with their reason
    """

    releases: tuple[Result, ...] = ()
    clawbacks: tuple[Result, ...] = ()
    corrections: tuple[Correction, ...] = ()

    def lines(self, digits: int = 2) -> tuple[Line, ...]:
        """Return one line per release, clawback and adjustment."""
        return (
            *(Line(RELEASE, FIXED, r.amount, r) for r in self.releases),
            *(_clawback_line(r) for r in self.clawbacks),
            *(_correction_line(c, digits) for c in self.corrections),
        )

    def bonus(self, digits: int = 2) -> Decimal:
        """Return the total in bonus, to which the draw applies as well; money."""
        lines = self.lines(digits)
        amounts = (line.amount for line in lines if line.component == BONUS)
        return rnd(total(amounts), digits)


def _clawback_line(result: Result) -> Line:
    kind = CORRECTION if result.code == ADDED else CLAWBACK
    return Line(kind, BONUS, result.amount, result)


def _correction_line(correction: Correction, digits: int) -> Line:
    result = correction.result(digits)
    return Line(CORRECTION, correction.component, result.amount, result)


NO_RETRO = Retro()


@exact
def assemble_statement(
    split: TargetSplit,
    fixed: FixedPay,
    bonus: Result,
    paid: PaidBonus,
    soft: SoftPay | None = None,
    retro: Retro = NO_RETRO,
    digits: int = 2,
    loyalty: LoyaltyPay | None = None,
) -> Statement:
    """Assemble the statement of a month from its components.

    :param split: target pay of the month
    :param fixed: from ``fixed_pay``
    :param bonus: from ``month_bonus``, before the draw and ``retro``
    :param paid: from ``pay_bonus``; its ``earned`` is the month's bonus plus the bonus
        in ``retro``, after the loyalty share
    :param soft: from ``soft_pay`` in the last month of a season, else None
    :param retro: amounts from closed months
    :param digits: decimals of the currency
    :param loyalty: from ``loyalty_pay``
    :raises EarnedError: if ``paid`` was calculated from another earned bonus
    """
    _check_earned(bonus, paid, retro, loyalty, digits)
    soft = soft or no_soft_pay(digits)
    lines = (
        Line(FIXED, FIXED, fixed.amount, fixed),
        Line(SOFT, SOFT, soft.amount, soft),
        Line(BONUS, BONUS, bonus.amount, bonus),
        *_held_lines(loyalty),
        *retro.lines(digits),
        *_vesting_lines(loyalty),
        Line(CARRY, BONUS, paid.carry, paid),
    )
    amount = rnd(total(line.amount for line in lines), digits)
    amounts = _amounts(lines, digits)
    return Statement(
        amount=amount,
        code="statement",
        inputs=inputs(**amounts),
        reason="" if amount else _why_zero(lines),
        held_amount=fixed.held,
        balance=paid.balance,
        lines=lines,
        shares=realised_shares(split, lines, digits),
        **amounts,
    )


def _held_lines(loyalty: LoyaltyPay | None) -> tuple[Line, ...]:
    if not loyalty or not loyalty.change:
        return ()
    return (Line(LOYALTY, BONUS, loyalty.amount, loyalty),)


def _vesting_lines(loyalty: LoyaltyPay | None) -> tuple[Line, ...]:
    if not loyalty or not loyalty.vested:
        return ()
    return (Line(VESTING, BONUS, loyalty.vested, loyalty.vesting),)


def _check_earned(bonus, paid, retro, loyalty, digits) -> None:
    earned = bonus.amount + retro.bonus(digits)
    if loyalty:
        earned += loyalty.amount + loyalty.vested
    if paid.earned != earned:
        raise EarnedError(paid=paid.earned, earned=earned)


def _amounts(lines: tuple[Line, ...], digits: int) -> dict[str, Decimal]:
    def of(*kinds):
        return rnd(total(line.amount for line in lines if line.kind in kinds), digits)

    return {
        "fixed_amount": of(FIXED),
        "soft_amount": of(SOFT),
        "bonus_amount": of(BONUS, LOYALTY),
        "carry_amount": of(CARRY),
        "retro_amount": of(*RETRO_KINDS),
    }


def _why_zero(lines: Iterable[Line]) -> str:
    return "parts_cancel" if any(line.amount for line in lines) else "nothing_due"


@exact
def realised_shares(
    split: TargetSplit, lines: Iterable[Line], digits: int = 2
) -> tuple[RealisedShare, ...]:
    """Return target and actual share of each component.

    Percentages have two decimals and total 100.00; the bonus takes the remainder.

    :param split: target pay of a full month
    :param lines: lines of a statement
    :param digits: decimals of the currency
    """
    lines = tuple(lines)
    amounts = [
        rnd(total(line.amount for line in lines if line.component == name), digits)
        for name in COMPONENTS
    ]
    percents = _percents(amounts)
    target = {item.name: item.value for item in split.inputs}
    return tuple(
        RealisedShare(
            component=name,
            target_percent=target[f"{name}_share"],
            target_amount=getattr(split, name),
            amount=amount,
            percent=percent,
        )
        for name, amount, percent in zip(COMPONENTS, amounts, percents, strict=True)
    )


def _percents(amounts: list[Decimal]) -> list[Decimal | None]:
    whole = total(amounts)
    if whole <= 0:
        return [None for _amount in amounts]
    *firsts, _last = (rnd(HUNDRED * amount / whole) for amount in amounts)
    return [*firsts, rnd(HUNDRED - total(firsts))]
