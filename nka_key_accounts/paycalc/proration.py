"""Days of a month and what they prorate (docs/pay.md, 2)."""

from dataclasses import dataclass
from decimal import Decimal

from .errors import DaysError, Problem
from .explain import Result, inputs
from .marks import _lt
from .money import ONE, ZERO, exact, keep, not_negative, rnd, within


@dataclass(frozen=True, slots=True)
class MonthDays:
    """Workdays of one month; halves are possible.

    :param scheduled: workdays of the calendar in the whole month, above zero
    :param employed: of these, days under contract
    :param covered: of these, days with an approved report or leave;
        all employed days when not given
    :param unpaid: days of unpaid leave. They aren't among the employed ones where the
        plan deducts them, and are passed to say why

    >>> days = MonthDays(22, 11)
    >>> days.proportion, days.uncovered
    (Decimal('0.5'), Decimal('0'))
    """

    scheduled: Decimal
    employed: Decimal
    covered: Decimal | None = None
    unpaid: Decimal = ZERO

    def __post_init__(self):
        covered = self.employed if self.covered is None else self.covered
        keep(
            self,
            scheduled=not_negative("scheduled days", self.scheduled),
            employed=not_negative("employed days", self.employed),
            covered=not_negative("covered days", covered),
            unpaid=not_negative("unpaid days", self.unpaid),
        )
        self._check_order()

    def _check_order(self):
        if not self.scheduled:
            raise DaysError(problem=Problem(_lt("The month has no scheduled workdays")))
        if self.employed > self.scheduled:
            raise DaysError(
                problem=Problem(_lt("More days are employed than scheduled"))
            )
        if self.covered > self.employed:
            raise DaysError(problem=Problem(_lt("More days are covered than employed")))
        if self.unpaid > self.scheduled:
            raise DaysError(problem=Problem(_lt("More days are unpaid than scheduled")))

    @property
    @exact
    def proportion(self) -> Decimal:
        """Employed / scheduled days, 0 to 1."""
        return self.employed / self.scheduled

    @property
    @exact
    def coverage(self) -> Decimal:
        """Covered / employed days, 0 to 1; 1 when there is nothing to cover."""
        return self.covered / self.employed if self.employed else ONE

    @property
    @exact
    def uncovered(self) -> Decimal:
        """Employed days that nothing proves yet."""
        return self.employed - self.covered


@exact
def prorate(amount: Decimal, proportion: Decimal, digits: int = 2) -> Result:
    """Return the part of a monthly amount that the employed days give.

    :param amount: money for a full month, zero or more
    :param proportion: 0 to 1

    >>> prorate(Decimal("80000.03"), MonthDays(22, 1).proportion).amount
    Decimal('3636.37')
    """
    base = not_negative("amount", amount)
    proportion = within("proportion", proportion, ZERO, ONE)
    part = rnd(base * proportion, digits)
    return Result(
        amount=part,
        code="prorate",
        inputs=inputs(base=base, proportion=proportion),
        reason="" if part else why_no_part(base, proportion),
    )


def why_no_part(base: Decimal, proportion: Decimal, unpaid: Decimal = ZERO) -> str:
    """Say why a prorated amount is zero."""
    if not base:
        return "no_part"
    if proportion:
        return "too_small"
    return "unpaid_leave" if unpaid else "not_employed"
