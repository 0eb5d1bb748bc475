"""Fixed pay: earned by employed days, proven by reports (docs/pay.md, 2)."""

from dataclasses import dataclass
from decimal import Decimal

from .errors import DaysError, PolicyError, Problem
from .explain import Result, inputs
from .marks import _lt
from .money import ZERO, exact, keep, not_negative, payable, rnd
from .proration import MonthDays, prorate, why_no_part

PAY_AND_FLAG = "pay_and_flag"
HOLD_ABOVE_FLOOR = "hold_above_floor"
HOLDING_POLICIES = (PAY_AND_FLAG, HOLD_ABOVE_FLOOR)

#: What a plan does with days of unpaid leave: they leave the employed days, or stay and
#: are a matter of the company's own salary rules.
DEDUCT = "deduct"
LEAVE_TO_PAYROLL = "leave_to_payroll"
UNPAID_LEAVE = (DEDUCT, LEAVE_TO_PAYROLL)


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedPay(Result):
    """Fixed pay of a month; ``amount`` is what is paid now, in money.

    :param earned: for the employed days, covered or not
    :param released: paid now, the same as ``amount``
    :param held: earned and not paid yet, never lost
    :param floor_part: never less than this is released
    :param uncovered_days: days to raise as an exception at the close
    """

    earned: Decimal
    released: Decimal
    held: Decimal
    floor_part: Decimal
    uncovered_days: Decimal


@dataclass(frozen=True, slots=True)
class HeldMonth:
    """A closed month of which fixed pay is still held.

    :param earned: fixed pay earned in that month, money
    :param employed_days: as at its close, less what turned out to be no workday
    :param covered_days: as known now, late approvals included
    :param released_before: paid of it so far, in that month and after it
    """

    earned: Decimal
    employed_days: Decimal
    covered_days: Decimal
    released_before: Decimal

    def __post_init__(self):
        for name in self.__dataclass_fields__:
            keep(self, **{name: not_negative(name, getattr(self, name))})
        if self.covered_days > self.employed_days:
            raise DaysError(problem=Problem(_lt("More days are covered than employed")))
        if self.released_before > self.earned:
            raise DaysError(
                problem=Problem(_lt("More of the month is paid than was earned"))
            )


def check_policy(policy: str) -> str:
    """Return a known holding policy, or refuse it."""
    if policy not in HOLDING_POLICIES:
        raise PolicyError(value=policy, known=", ".join(HOLDING_POLICIES))
    return policy


@exact
def fixed_pay(
    fixed: Decimal,
    days: MonthDays,
    policy: str = PAY_AND_FLAG,
    floor: Decimal = ZERO,
    digits: int = 2,
) -> FixedPay:
    """Return the fixed pay of one month.

    :param fixed: target fixed pay of a full month, money
    :param days: scheduled, employed and covered days
    :param policy: ``pay_and_flag`` or ``hold_above_floor``
    :param floor: money for a full month that is never held
    :raises PolicyError: for any other policy

    >>> pay = fixed_pay(
    ...     Decimal(80000), MonthDays(21, 21, 16), HOLD_ABOVE_FLOOR, Decimal(27093)
    ... )
    >>> pay.released, pay.held
    (Decimal('60952.38'), Decimal('19047.62'))
    """
    check_policy(policy)
    fixed = payable("fixed pay", not_negative("fixed pay", fixed), digits)
    floor = not_negative("floor", floor)
    earned = prorate(fixed, days.proportion, digits).amount
    floor_part = min(earned, rnd(floor * days.proportion, digits))
    released = earned
    if policy == HOLD_ABOVE_FLOOR:
        released = max(rnd(earned * days.coverage, digits), floor_part)
    return FixedPay(
        amount=released,
        code=f"fixed.{policy}",
        inputs=_inputs(fixed, days, floor),
        reason="" if released else _why_nothing(fixed, earned, days),
        earned=earned,
        released=released,
        held=earned - released,
        floor_part=floor_part,
        uncovered_days=days.uncovered,
    )


def _inputs(fixed: Decimal, days: MonthDays, floor: Decimal):
    unpaid = {"unpaid_days": days.unpaid} if days.unpaid else {}
    return inputs(
        fixed=fixed,
        scheduled_days=days.scheduled,
        employed_days=days.employed,
        covered_days=days.covered,
        floor=floor,
        **unpaid,
    )


def _why_nothing(fixed: Decimal, earned: Decimal, days: MonthDays) -> str:
    if not earned:
        return why_no_part(fixed, days.proportion, days.unpaid)
    return "too_small" if days.covered else "no_reports"


@exact
def release_held(held: HeldMonth, digits: int = 2) -> Result:
    """Return what late approvals release of a month's held fixed pay.

    Goes by all days covered by now, so several late approvals together pay
    exactly what was held, and an approval taken back takes back no pay.

    :param held: the month, what it earned and what was paid of it
    :return: money of zero or more, for the first open month

    >>> late = HeldMonth(Decimal("80000.00"), 21, 21, Decimal("60952.38"))
    >>> release_held(late).amount
    Decimal('19047.62')
    """
    covered = held.earned
    if held.employed_days:
        covered = held.earned * held.covered_days / held.employed_days
    amount = max(ZERO, rnd(covered, digits) - held.released_before)
    return Result(
        amount=rnd(amount, digits),
        code="fixed.release",
        inputs=inputs(
            earned=held.earned,
            covered_days=held.covered_days,
            employed_days=held.employed_days,
            released_before=held.released_before,
        ),
        reason="" if amount else _why_no_release(held),
    )


def _why_no_release(held: HeldMonth) -> str:
    return "nothing_new" if held.released_before < held.earned else "nothing_held"
