"""Goals of a season: what is aimed at and what became of it (docs/pay.md, 3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from .errors import (
    DecisionError,
    DirectionError,
    GoalListError,
    Problem,
    TargetError,
    ThresholdError,
    UnmeasuredGoalError,
    WeightError,
)
from .marks import _lt
from .money import (
    HUNDRED,
    ONE,
    SNAP,
    ZERO,
    decimal,
    keep,
    not_negative,
    positive,
    total,
    within,
)

HIGHER = "higher"
LOWER = "lower"
DIRECTIONS = (HIGHER, LOWER)

MEASURED = "measured"
LEFT_OUT = "left_out"
SCORED_ZERO = "scored_zero"
DECISIONS = (MEASURED, LEFT_OUT, SCORED_ZERO)

THRESHOLD = Decimal("0.50")
CAP = ONE


@dataclass(frozen=True, slots=True)
class Scale:
    """Where attainment begins to pay and where it stops to pay more.

    :param threshold: an attainment under it counts as 0; itself it counts
    :param cap: an attainment above it counts as the cap
    """

    threshold: Decimal = THRESHOLD
    cap: Decimal = CAP

    def __post_init__(self):
        keep(
            self,
            threshold=not_negative("threshold", self.threshold),
            cap=positive("cap", self.cap),
        )
        if self.threshold > self.cap:
            raise ThresholdError(threshold=self.threshold, cap=self.cap)

    def count(self, attainment: Decimal) -> Decimal:
        """Return the attainment that is paid for.

        >>> [str(Scale().count(Decimal(a))) for a in ("0.49", "0.5", "1.2")]
        ['0', '0.5', '1']
        """
        # A target that shrank by 2/3 falls a hair off; at the threshold still counts.
        if self.threshold - attainment > SNAP:
            return ZERO
        return min(attainment, self.cap)


@dataclass(frozen=True, slots=True)
class Goal:
    """One aim of a season.

    :param key: any name, the same in every call
    :param weight: percent of the pool, above zero
    :param target: value that is an attainment of 1
    :param direction: ``higher`` or ``lower`` is better
    :param zero_value: for ``lower``, the value that is an attainment of 0
    :param is_count: counts shrink with the employed days, ratios don't
    """

    key: object
    weight: Decimal
    target: Decimal
    direction: str = HIGHER
    zero_value: Decimal | None = None
    is_count: bool = False

    def __post_init__(self):
        check_direction(self.direction)
        keep(
            self,
            weight=within("weight", positive("weight", self.weight), ZERO, HUNDRED),
            target=decimal("target", self.target),
        )
        if self.direction == HIGHER:
            self._check_higher()
        else:
            self._check_lower()

    def _check_higher(self):
        if self.target <= 0:
            raise TargetError(
                goal=self.key,
                problem=Problem(
                    _lt(
                        "a target of {target} can't be used as a divisor. Enter a target "
                        "above zero, or use a lower-is-better KPI"
                    ),
                    target=self.target,
                ),
            )

    def _check_lower(self):
        if self.zero_value is None:
            raise TargetError(
                goal=self.key, problem=Problem(_lt("enter the zero-score value"))
            )
        keep(self, zero_value=decimal("zero value", self.zero_value))
        if self.zero_value <= self.target:
            raise TargetError(
                goal=self.key,
                problem=Problem(
                    _lt(
                        "the zero-score value ({zero_value}) must be above the target "
                        "({target}). Increase it or lower the target"
                    ),
                    zero_value=self.zero_value,
                    target=self.target,
                ),
            )


def check_direction(direction: str) -> str:
    """Return a known direction, or refuse it."""
    if direction not in DIRECTIONS:
        raise DirectionError(value=direction, known=", ".join(DIRECTIONS))
    return direction


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a goal, and what the supervisor decided about it.

    :param goal: the goal
    :param actual: measured value; needed unless decided otherwise
    :param decision: ``measured``, ``left_out`` or ``scored_zero``
    :param note: the supervisor's reason; needed unless measured
    """

    goal: Goal
    actual: Decimal | None = None
    decision: str = MEASURED
    note: str = ""

    def __post_init__(self):
        if self.decision not in DECISIONS:
            known = ", ".join(DECISIONS)
            raise DecisionError(
                goal=self.goal.key,
                problem=f"unknown decision {self.decision!r}. Choose one of: {known}",
            )
        if self.decision != MEASURED and not self.note.strip():
            raise DecisionError(
                goal=self.goal.key, problem=Problem(_lt("enter a reason"))
            )
        if self.decision == MEASURED and self.actual is None:
            raise UnmeasuredGoalError(goal=self.goal.key)
        if self.actual is not None:
            keep(self, actual=decimal("measured value", self.actual))

    @property
    def counts(self) -> bool:
        """Whether the goal's weight takes part in the season."""
        return self.decision != LEFT_OUT


def check_weights(weights: Iterable[tuple[object, Decimal]]) -> None:
    """Refuse a list of (goal, percent) that is no whole."""
    weights = tuple(weights)
    if not weights:
        raise GoalListError(problem=Problem(_lt("the list is empty")))
    if len({key for key, _weight in weights}) != len(weights):
        raise GoalListError(problem=Problem(_lt("a goal is listed twice")))
    percent = total(weight for _key, weight in weights)
    if percent != HUNDRED:
        raise WeightError(total=percent)
