"""A month's pay put together from its parts (docs/pay.md, 7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from .bonus import ADDED
from .draw import PaidBonus
from .errors import ComponentError, EarnedError
from .explain import Result, inputs
from .fixed import FixedPay
from .money import HUNDRED, ZERO, decimal, exact, keep, rnd, total
from .season import SoftPay
from .split import TargetSplit

FIXED = "fixed"
SOFT = "soft"
BONUS = "bonus"
COMPONENTS = (FIXED, SOFT, BONUS)

# Kinds of a line, in the order a statement shows them.
RELEASE = "release"
CLAWBACK = "clawback"
CORRECTION = "correction"
CARRY = "carry"
KINDS = (FIXED, SOFT, BONUS, RELEASE, CLAWBACK, CORRECTION, CARRY)
RETRO_KINDS = (RELEASE, CLAWBACK, CORRECTION)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement.

    :param kind: one of ``KINDS``
    :param component: part of the pay it is paid as: fixed, soft or bonus
    :param amount: money it adds to the total
    :param result: how it was reached
    """

    kind: str
    component: str
    amount: Decimal
    result: Result


@dataclass(frozen=True, slots=True)
class RealisedShare:
    """Target and reality of one part of the pay.

    :param target_percent: by the pay mix
    :param target_amount: money at target, for a full month
    :param amount: money really paid
    :param percent: of the month's total, None when the total isn't above zero
    """

    component: str
    target_percent: Decimal
    target_amount: Decimal
    amount: Decimal
    percent: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement(Result):
    """One manager's pay of a month; ``amount`` is the total in money.

    ``total = fixed + soft + bonus + carry + retro``; what is held is shown but
    isn't part of it.

    :param fixed_amount: fixed pay of this month that is paid now
    :param held_amount: fixed pay of this month that is held
    :param soft_amount: soft pay, in a season's last month
    :param bonus_amount: bonus earned by the month's credits
    :param carry_amount: what the draw adds or recovers
    :param retro_amount: what closed months add: releases, clawbacks, corrections
    :param balance: advance still to be earned
    :param lines: everything above, line by line
    :param shares: target and realised share of each part
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
        """Pay of the month, money."""
        return self.amount

    def component(self, name: str) -> Decimal:
        """Return the money paid as fixed, soft or bonus; the three make the total."""
        check_component(name)
        return total(line.amount for line in self.lines if line.component == name)


def check_component(name: str) -> str:
    """Return the name of a part of the pay, or refuse it."""
    if name not in COMPONENTS:
        raise ComponentError(value=name, known=", ".join(COMPONENTS))
    return name


@dataclass(frozen=True, slots=True)
class Correction:
    """Money that a closed month owes or is owed, with its reason.

    :param component: fixed, soft or bonus
    :param amount: money, negative when taken back
    :param note: why, in the words of who found it
    """

    component: str
    amount: Decimal
    note: str

    def __post_init__(self):
        check_component(self.component)
        keep(self, amount=decimal("correction", self.amount))

    def result(self, digits: int) -> Result:
        """Return the correction as a result with its note."""
        amount = rnd(self.amount, digits)
        reason = "" if amount else "nothing_due"
        shown = inputs(note=self.note)
        return Result(amount=amount, code="correction", inputs=shown, reason=reason)


def no_soft_pay(digits: int = 2) -> Result:
    """Return the soft pay of a month that isn't a season's last."""
    zero = rnd(ZERO, digits)
    return Result(amount=zero, code="soft.not_due", inputs=(), reason="not_season_end")


@dataclass(frozen=True, slots=True)
class Retro:
    """What closed months bring into this one.

    :param releases: from ``release_held``, one per month still held
    :param clawbacks: from ``clawback``, one per source month; those that add to a
        month are corrections
    :param corrections: anything else, with its reason
    """

    releases: tuple[Result, ...] = ()
    clawbacks: tuple[Result, ...] = ()
    corrections: tuple[Correction, ...] = ()

    def lines(self, digits: int = 2) -> tuple[Line, ...]:
        """Return a line for each of them."""
        return (
            *(Line(RELEASE, FIXED, r.amount, r) for r in self.releases),
            *(_clawback_line(r) for r in self.clawbacks),
            *(_correction_line(c, digits) for c in self.corrections),
        )

    def bonus(self, digits: int = 2) -> Decimal:
        """Return what goes through the draw together with the month's bonus."""
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
) -> Statement:
    """Put the parts of a month together.

    :param split: target pay of the month
    :param fixed: from ``fixed_pay``
    :param bonus: from ``month_bonus``, before draw and retro
    :param paid: from ``pay_bonus``; its ``earned`` is the month's bonus and
        what ``retro`` brings in bonus
    :param soft: from ``soft_pay`` in a season's last month, else None
    :param retro: what closed months bring
    :raises EarnedError: when ``paid`` was made from another earned bonus
    """
    _check_earned(bonus, paid, retro, digits)
    soft = soft or no_soft_pay(digits)
    lines = (
        Line(FIXED, FIXED, fixed.amount, fixed),
        Line(SOFT, SOFT, soft.amount, soft),
        Line(BONUS, BONUS, bonus.amount, bonus),
        *retro.lines(digits),
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


def _check_earned(bonus, paid, retro, digits) -> None:
    earned = bonus.amount + retro.bonus(digits)
    if paid.earned != earned:
        raise EarnedError(paid=paid.earned, earned=earned)


def _amounts(lines: tuple[Line, ...], digits: int) -> dict[str, Decimal]:
    def of(*kinds):
        return rnd(total(line.amount for line in lines if line.kind in kinds), digits)

    return {
        "fixed_amount": of(FIXED),
        "soft_amount": of(SOFT),
        "bonus_amount": of(BONUS),
        "carry_amount": of(CARRY),
        "retro_amount": of(*RETRO_KINDS),
    }


def _why_zero(lines: Iterable[Line]) -> str:
    return "parts_cancel" if any(line.amount for line in lines) else "nothing_due"


@exact
def realised_shares(
    split: TargetSplit, lines: Iterable[Line], digits: int = 2
) -> tuple[RealisedShare, ...]:
    """Return target and realised share of each part.

    Percent have two decimals and make 100.00; the bonus takes the remainder.

    :param split: target pay of a full month
    :param lines: of a statement
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
