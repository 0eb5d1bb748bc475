"""Goal pay: attainment of a season and the pool it pays (docs/pay.md, 3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from .errors import AllLeftOutError
from .explain import Result, inputs
from .goals import HIGHER, LOWER, MEASURED, Goal, Outcome, Scale, check_weights
from .money import ONE, ZERO, exact, keep, not_negative, rnd, total, within
from .proration import MonthDays, prorate


@dataclass(frozen=True, slots=True)
class SoftMonth:
    """Target goal pay of one month of the season, money, and its days."""

    soft: Decimal
    days: MonthDays

    def __post_init__(self):
        keep(self, soft=not_negative("soft pay", self.soft))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool(Result):
    """Goal pay that a season pays at an attainment of 1.

    :param proportion: employed / scheduled days over the season, for counts
    :param parts: the amount of each month
    """

    proportion: Decimal
    parts: tuple[Result, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(Result):
    """Attainment of a goal; ``amount`` is the ratio that counts, not money.

    :param goal: key of the goal
    :param raw: attainment before threshold and cap, None if not measured
    :param counts: False if the goal is excluded
    """

    goal: object
    raw: Decimal | None
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftPay(Result):
    """Goal pay of a season; ``amount`` is money.

    :param attainment: weighted attainment of all goals, a ratio
    :param scores: one per goal, including excluded ones
    :param contributions: money per score, adding up to the amount
    """

    attainment: Decimal
    scores: tuple[Score, ...]
    contributions: tuple[Decimal, ...]


@exact
def season_pool(months: Iterable[SoftMonth], digits: int = 2) -> Pool:
    """Add up the target goal pay of a season's months, each prorated by its days.

    :param months: every month of the season; one without employment has 0 days
    :param digits: decimals of the currency

    >>> season_pool([SoftMonth(Decimal(20000), MonthDays(21, 21))] * 3).amount
    Decimal('60000.00')
    """
    months = tuple(months)
    parts = tuple(prorate(m.soft, m.days.proportion, digits) for m in months)
    employed = total(m.days.employed for m in months)
    scheduled = total(m.days.scheduled for m in months)
    amount = rnd(total(part.amount for part in parts), digits)
    unpaid = total(m.days.unpaid for m in months)
    reason = "" if employed else _why_no_days(unpaid)
    return Pool(
        amount=amount,
        code="soft.pool",
        inputs=inputs(months=len(months)),
        reason="" if amount else reason or "no_part",
        proportion=employed / scheduled if scheduled else ZERO,
        parts=parts,
    )


def _why_no_days(unpaid: Decimal) -> str:
    return "unpaid_leave" if unpaid else "not_employed"


@exact
def score_goal(
    outcome: Outcome, scale: Scale | None = None, proportion: Decimal = ONE
) -> Score:
    """Return the attainment of one goal.

    :param outcome: the goal, with its measured value or a decision
    :param scale: threshold and cap
    :param proportion: proration factor of the season, 0 to 1; reduces target and
        zero-score value of a count

    >>> overdue = Goal("overdue", 25, Decimal(5), LOWER, Decimal(15))
    >>> score_goal(Outcome(overdue, Decimal(8))).amount
    Decimal('0.7')
    """
    scale = scale or Scale()
    proportion = within("proportion", proportion, ZERO, ONE)
    goal = outcome.goal
    if outcome.decision != MEASURED:
        return _decided(outcome)
    if goal.is_count and not proportion:
        return _score(outcome, ZERO, None, "soft.not_employed", "not_employed", {})
    size = proportion if goal.is_count else ONE
    target, zero_value, raw = _attain(goal, outcome.actual, size)
    counted = scale.count(raw)
    shown = {"target": target}
    if goal.direction == LOWER:
        shown["zero_value"] = zero_value
    shown.update(threshold=scale.threshold, cap=scale.cap, proportion=size)
    reason = "" if counted else _why_no_score(raw)
    return _score(outcome, counted, raw, f"soft.{goal.direction}", reason, shown)


def _attain(goal: Goal, actual: Decimal, size: Decimal):
    target = goal.target * size
    if goal.direction == HIGHER:
        return target, None, actual / target
    zero_value = goal.zero_value * size
    return target, zero_value, (zero_value - actual) / (zero_value - target)


def _why_no_score(raw: Decimal) -> str:
    return "goal_below_threshold" if raw > 0 else "goal_none"


def _decided(outcome: Outcome) -> Score:
    code = f"soft.{outcome.decision}"
    shown = {"note": outcome.note}
    return _score(outcome, ZERO, None, code, outcome.decision, shown)


def _score(outcome, counted, raw, code, reason, shown) -> Score:
    return Score(
        amount=counted,
        code=code,
        inputs=inputs(actual=outcome.actual, weight=outcome.goal.weight, **shown),
        reason=reason,
        goal=outcome.goal.key,
        raw=raw,
        counts=outcome.counts,
    )


@exact
def soft_pay(
    pool: Pool,
    outcomes: Iterable[Outcome],
    scale: Scale | None = None,
    digits: int = 2,
) -> SoftPay:
    """Return the goal pay of a season.

    The weights of excluded goals are distributed to the others in proportion.

    :param pool: from :func:`season_pool`
    :param outcomes: one per goal of the season, with weights that total 100; may be
        empty if the pool is zero
    :param scale: threshold and cap
    :param digits: decimals of the currency
    :raises WeightError: if the weights don't total 100 %
    :raises GoalListError: if there are no goals, or one is listed twice
    :raises AllLeftOutError: if all goals are excluded
    """
    outcomes = tuple(outcomes)
    if not pool.amount and not outcomes:
        return _no_pool(pool)
    check_weights((o.goal.key, o.goal.weight) for o in outcomes)
    scores = tuple(score_goal(o, scale, pool.proportion) for o in outcomes)
    weights = [o.goal.weight if o.counts else ZERO for o in outcomes]
    whole = total(weights)
    if not whole:
        raise AllLeftOutError()
    weighted = [w * s.amount for w, s in zip(weights, scores, strict=True)]
    attainment = total(weighted) / whole
    amount = rnd(pool.amount * attainment, digits)
    return SoftPay(
        amount=amount,
        code="soft.pay",
        inputs=inputs(pool=pool.amount, attainment=attainment),
        reason="" if amount else _why_no_soft(pool, attainment),
        attainment=attainment,
        scores=scores,
        contributions=_contributions(pool.amount, weighted, whole, digits),
    )


def _no_pool(pool: Pool) -> SoftPay:
    """Return the goal pay of a plan without goal pay, which has no goals."""
    return SoftPay(
        amount=pool.amount,
        code="soft.pay",
        inputs=inputs(pool=pool.amount, attainment=ZERO),
        reason=pool.reason,
        attainment=ZERO,
        scores=(),
        contributions=(),
    )


def _why_no_soft(pool: Pool, attainment: Decimal) -> str:
    if not pool.amount:
        return pool.reason
    return "too_small" if attainment else "below_threshold"


def _contributions(pool, weighted, whole, digits) -> tuple[Decimal, ...]:
    """Round the running sum, so that the parts add up to the goal pay exactly."""
    parts, running, before = [], ZERO, rnd(ZERO, digits)
    for weight in weighted:
        running += weight
        now = rnd(pool * running / whole, digits)
        parts.append(now - before)
        before = now
    return tuple(parts)
