"""Invalid input raises a specific exception whose message says what to do."""

import copy
import pickle
from datetime import date
from decimal import Decimal

import paycalc as pc
import pytest

D = Decimal
JULY = date(2026, 7, 1)
TERMS = pc.BonusTerms(D("0.05"), D(2000000))
GOAL = pc.Goal("leads", 100, D(10))
DAYS = pc.MonthDays(21, 21)
POOL = pc.season_pool([pc.SoftMonth(D(20000), DAYS)])
MONTH = pc.CreditMonth(JULY, D(100), TERMS)


def bonus_from_elsewhere():
    split = pc.split_target(D(100))
    fixed = pc.fixed_pay(split.fixed, DAYS)
    bonus = pc.month_bonus(D(0), D(100), TERMS)
    pc.assemble_statement(split, fixed, bonus, pc.pay_bonus(D(1)))


REFUSALS = {
    "a float": (lambda: pc.rnd(0.5), pc.AmountError, "Enter a number"),
    "text": (lambda: pc.rnd("1"), pc.AmountError, "Enter a number"),
    "a boolean": (lambda: pc.rnd(True), pc.AmountError, "Enter a number"),
    "NaN": (lambda: pc.rnd(D("NaN")), pc.AmountError, "Enter a number"),
    "infinity": (lambda: pc.rnd(D("-Infinity")), pc.AmountError, "Enter a number"),
    "too large": (lambda: pc.rnd(D("1E18")), pc.AmountError, "below 1E18"),
    "digits": (lambda: pc.rnd(D(1), 7), pc.DigitsError, "0 to 6"),
    "negative digits": (lambda: pc.rnd(D(1), -1), pc.DigitsError, "0 to 6"),
    "binary digits": (lambda: pc.rnd(D(1), 2.0), pc.DigitsError, "0 to 6"),
    "fine draw": (
        lambda: pc.pay_bonus(D(1), terms=pc.DrawTerms(D("0.005"))),
        pc.PrecisionError,
        "Round it before",
    ),
    "fine balance": (
        lambda: pc.pay_bonus(D(1), D("0.005")),
        pc.PrecisionError,
        "Round it before",
    ),
    "fine target": (
        lambda: pc.split_target(D("0.005")),
        pc.PrecisionError,
        "Round it before",
    ),
    "zero target": (
        lambda: pc.split_target(D(0)),
        pc.NotPositiveError,
        "above zero",
    ),
    "mix of 90": (lambda: pc.PayMix(40, 10, 40), pc.MixError, "total 100 %"),
    "negative share": (lambda: pc.PayMix(60, -10, 50), pc.RangeError, "from 0 to 100"),
    "no quota": (lambda: pc.bonus_rate(D(1), D(0)), pc.NotPositiveError, "above"),
    "negative quota": (
        lambda: pc.BonusTerms(D("0.05"), D(-1)),
        pc.NotPositiveError,
        "above zero",
    ),
    "negative quota agreed": (
        lambda: pc.AgreementTerms(D(1), D(-1)),
        pc.NotPositiveError,
        "above zero",
    ),
    "negative rate": (
        lambda: pc.BonusTerms(D(-1), D(1)),
        pc.NegativeAmountError,
        "zero or more",
    ),
    "seven months of quota": (
        lambda: pc.BonusTerms(D(1), D(1), quota_months=7),
        pc.RangeError,
        "from 1 to 6",
    ),
    "no tier": (lambda: pc.check_tiers([]), pc.TierError, "more than 0 %"),
    "late first tier": (
        lambda: pc.check_tiers([pc.Tier(10)]),
        pc.TierError,
        "no tier covers 0 % to 10 %",
    ),
    "gap": (
        lambda: pc.check_tiers([pc.Tier(end=50), pc.Tier(60)]),
        pc.TierError,
        "no tier covers 50 % to 60 %",
    ),
    "overlap": (
        lambda: pc.check_tiers([pc.Tier(end=60), pc.Tier(50)]),
        pc.TierError,
        "two tiers cover 50 % to 60 %",
    ),
    "open tier before another": (
        lambda: pc.check_tiers([pc.Tier(), pc.Tier(50)]),
        pc.TierError,
        "follows the one without an end",
    ),
    "no open end": (
        lambda: pc.check_tiers([pc.Tier(end=100)]),
        pc.TierError,
        "more than 100 %",
    ),
    "empty tier": (
        lambda: pc.check_tiers([pc.Tier(end=D(0)), pc.Tier(D(0))]),
        pc.TierError,
        "has to end above its start",
    ),
    "negative factor": (
        lambda: pc.Tier(factor=D(-1)),
        pc.NegativeAmountError,
        "zero or more",
    ),
    "unknown basis": (lambda: pc.check_basis("cash"), pc.BasisError, "paid, invoiced"),
    "unknown basis of a plan": (
        lambda: pc.PlanTerms(goals=[pc.GoalTerms("a", 100)], basis="cash"),
        pc.BasisError,
        "Choose one of",
    ),
    "unknown policy": (
        lambda: pc.fixed_pay(D(1), DAYS, "hold"),
        pc.PolicyError,
        "pay_and_flag, hold_above_floor",
    ),
    "unknown policy of a plan": (
        lambda: pc.PlanTerms(goals=[pc.GoalTerms("a", 100)], policy="hold"),
        pc.PolicyError,
        "Choose one of",
    ),
    "negative floor": (
        lambda: pc.fixed_pay(D(1), DAYS, pc.HOLD_ABOVE_FLOOR, D(-1)),
        pc.NegativeAmountError,
        "zero or more",
    ),
    "no scheduled day": (
        lambda: pc.MonthDays(0, 0),
        pc.DaysError,
        "no scheduled workdays. Check the working schedule",
    ),
    "more employed": (lambda: pc.MonthDays(20, 21), pc.DaysError, "than scheduled"),
    "more covered": (lambda: pc.MonthDays(21, 10, 11), pc.DaysError, "than employed"),
    "negative days": (
        lambda: pc.MonthDays(21, -1),
        pc.NegativeAmountError,
        "zero or more",
    ),
    "held month of more days": (
        lambda: pc.HeldMonth(D(1), 1, 2, D(0)),
        pc.DaysError,
        "than employed",
    ),
    "held month paid over": (
        lambda: pc.HeldMonth(D(1), 1, 1, D(2)),
        pc.DaysError,
        "than was earned",
    ),
    "proportion over 1": (
        lambda: pc.prorate(D(1), D(2)),
        pc.RangeError,
        "from 0 to 1",
    ),
    "threshold over cap": (
        lambda: pc.Scale(D("1.1"), D(1)),
        pc.ThresholdError,
        "Lower the threshold",
    ),
    "cap of zero": (lambda: pc.Scale(D(0), D(0)), pc.NotPositiveError, "above zero"),
    "target zero, higher": (
        lambda: pc.Goal("leads", 100, D(0)),
        pc.TargetError,
        "Enter a target above zero",
    ),
    "target at the zero value": (
        lambda: pc.Goal("overdue", 100, D(5), pc.LOWER, D(5)),
        pc.TargetError,
        "must be above the target",
    ),
    "no zero value": (
        lambda: pc.Goal("overdue", 100, D(5), pc.LOWER),
        pc.TargetError,
        "enter the zero-score value",
    ),
    "unknown direction": (
        lambda: pc.Goal("leads", 100, D(5), "up"),
        pc.DirectionError,
        "higher, lower",
    ),
    "weight of zero": (
        lambda: pc.Goal("leads", 0, D(5)),
        pc.NotPositiveError,
        "above zero",
    ),
    "not measured": (
        lambda: pc.Outcome(GOAL),
        pc.UnmeasuredGoalError,
        "exclude it or score it 0",
    ),
    "left out without reason": (
        lambda: pc.Outcome(GOAL, decision=pc.LEFT_OUT, note="  "),
        pc.DecisionError,
        "enter a reason",
    ),
    "unknown decision": (
        lambda: pc.Outcome(GOAL, decision="skip", note="x"),
        pc.DecisionError,
        "measured, left_out, scored_zero",
    ),
    "all left out": (
        lambda: pc.soft_pay(POOL, [pc.Outcome(GOAL, decision=pc.LEFT_OUT, note="x")]),
        pc.AllLeftOutError,
        "Keep at least one goal",
    ),
    "weights of 60": (
        lambda: pc.soft_pay(POOL, [pc.Outcome(pc.Goal("a", 60, D(1)), D(1))]),
        pc.WeightError,
        "total 100 %",
    ),
    "weights of a plan": (
        lambda: pc.PlanTerms(goals=[pc.GoalTerms("a", 60)]),
        pc.WeightError,
        "total 100 %",
    ),
    "no goals": (lambda: pc.PlanTerms(), pc.GoalListError, "exactly once"),
    "no goals, but a pool": (
        lambda: pc.soft_pay(POOL, []),
        pc.GoalListError,
        "exactly once",
    ),
    "a goal twice": (
        lambda: pc.PlanTerms(goals=[pc.GoalTerms("a", 50), pc.GoalTerms("a", 50)]),
        pc.GoalListError,
        "listed twice",
    ),
    "negative draw": (lambda: pc.DrawTerms(D(-1)), pc.NegativeAmountError, "or more"),
    "recovery over 1": (
        lambda: pc.DrawTerms(D(1), D("1.01")),
        pc.RangeError,
        "from 0 to 1",
    ),
    "negative balance": (
        lambda: pc.pay_bonus(D(1), D(-1)),
        pc.NegativeAmountError,
        "zero or more",
    ),
    "fine earned bonus": (
        lambda: pc.pay_bonus(D("0.001")),
        pc.PrecisionError,
        "Round it",
    ),
    "months out of order": (
        lambda: pc.replay([MONTH, MONTH]),
        pc.PeriodError,
        "in order",
    ),
    "middle of a month": (
        lambda: pc.CreditMonth(date(2026, 7, 2), D(1), TERMS),
        pc.PeriodError,
        "first day",
    ),
    "other months": (
        lambda: pc.retro_bonus(pc.replay([MONTH]), []),
        pc.PeriodError,
        "differ",
    ),
    "season of five months": (
        lambda: pc.season_months(JULY, 5),
        pc.PeriodError,
        "parts of 5 months",
    ),
    "another earned bonus": (bonus_from_elsewhere, pc.EarnedError, "Apply it to"),
    "unknown part": (
        lambda: pc.Correction("extra", D(1), "x"),
        pc.ComponentError,
        "fixed, soft, bonus",
    ),
    "agreement from the second": (
        lambda: pc.check_first_of_month(date(2026, 12, 2)),
        pc.FirstOfMonthError,
        "Start on 2027-01-01",
    ),
    "version from the second": (
        lambda: pc.check_version_start(date(2026, 12, 2)),
        pc.FirstOfMonthError,
        "Start on 2027-01-01",
    ),
    "version after five months": (
        lambda: pc.check_version_start(date(2026, 12, 1), [JULY]),
        pc.HalfYearError,
        "The first possible date is 2027-01-01",
    ),
    "version in the past": (
        lambda: pc.check_version_start(JULY, [], date(2026, 11, 23)),
        pc.TooEarlyError,
        "The first possible date is 2026-12-01",
    ),
    "started version": (
        lambda: pc.check_not_started(JULY, JULY),
        pc.StartedError,
        "Make a new version",
    ),
    "unknown state of the loyalty share": (
        lambda: pc.Loyalty(state="kept"),
        pc.LoyaltyStateError,
        "Choose one of",
    ),
    "negative expectation": (
        lambda: pc.forecast_bonus(D(0), D(0), D(-1), TERMS),
        pc.NegativeAmountError,
        "zero or more",
    ),
}
GROUPS = {pc.PayError, pc.TermsError, pc.FactsError}


@pytest.mark.parametrize(
    "attempt, error, advice", REFUSALS.values(), ids=REFUSALS.keys()
)
def test_refusal(attempt, error, advice):
    with pytest.raises(pc.PayError) as refused:
        attempt()
    assert type(refused.value) is error
    assert advice in str(refused.value)


@pytest.mark.parametrize(
    "attempt, error, advice", REFUSALS.values(), ids=REFUSALS.keys()
)
def test_message_can_be_rebuilt_from_code_and_values(attempt, error, advice):
    """This is what a translation does: another text, the same values."""
    with pytest.raises(error) as refused:
        attempt()
    assert error.template.format(**refused.value.values) == str(refused.value)


def errors_below(root):
    for child in root.__subclasses__():
        yield child
        yield from errors_below(child)


def test_every_error_class_is_tested():
    tested = {error for _attempt, error, _advice in REFUSALS.values()}
    assert set(errors_below(pc.PayError)) - GROUPS == tested


def test_error_codes_are_unique():
    errors = [pc.PayError, *errors_below(pc.PayError)]
    assert len({error.code for error in errors}) == len(errors)


def test_errors_can_be_copied():
    error = pc.MixError(total=D(90))
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert str(twin) == str(error)
        assert twin.values == error.values


def test_base_class_catches_all_errors():
    assert issubclass(pc.PayError, ValueError)
    assert issubclass(pc.HalfYearError, pc.TermsError)
    assert issubclass(pc.TargetError, pc.FactsError)
