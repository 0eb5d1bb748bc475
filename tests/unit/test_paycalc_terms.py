"""Plans, versions and agreements: what they define and when they can start."""

from datetime import date
from decimal import Decimal

import paycalc as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

D = Decimal
STARTS = st.dates(date(2025, 1, 1), date(2028, 12, 31))


def first_of(*months):
    return [date(2026 + month // 13, (month - 1) % 12 + 1, 1) for month in months]


@pytest.mark.parametrize(
    "wanted, starts, first",
    [
        (date(2026, 7, 1), [], date(2026, 7, 1)),
        (date(2026, 7, 2), [], date(2026, 8, 1)),
        (date(2026, 12, 31), [], date(2027, 1, 1)),
        (date(2026, 12, 1), first_of(7), date(2027, 1, 1)),
        (date(2027, 1, 1), first_of(7), date(2027, 1, 1)),
        (date(2026, 7, 1), first_of(7), date(2027, 1, 1)),
        # Six months after the version before, but not six months before the next one.
        (date(2026, 7, 1), first_of(1, 9), date(2027, 3, 1)),
        # Past one version, and then past the next.
        (date(2026, 2, 1), first_of(1, 8), date(2027, 2, 1)),
        # Too close to a future version.
        (date(2026, 5, 1), first_of(7), date(2027, 1, 1)),
        (date(2026, 3, 1), first_of(1, 7), date(2027, 1, 1)),
        (date(2026, 1, 1), first_of(7), date(2026, 1, 1)),
    ],
)
def test_first_start(wanted, starts, first):
    assert pc.first_start(wanted, starts) == first


@given(STARTS, st.lists(STARTS, max_size=5))
def test_first_date_offered_is_the_earliest_accepted(wanted, starts):
    starts = [pc.month_start(start) for start in starts]
    first = pc.first_start(wanted, starts)
    assert pc.check_version_start(first, starts) == first
    earlier = pc.month_start(wanted)
    while earlier < first:
        if earlier >= wanted:
            with pytest.raises(pc.HalfYearError) as refused:
                pc.check_version_start(earlier, starts)
            assert refused.value.first_date == first
        earlier = pc.add_months(earlier, 1)


def test_version_can_change_until_the_day_before_it_starts():
    start = date(2026, 7, 1)
    pc.check_not_started(start, date(2026, 6, 30))
    with pytest.raises(pc.StartedError) as refused:
        pc.check_not_started(start, start)
    assert refused.value.values == {"date_from": start}


def test_first_date_respects_paid_months():
    with pytest.raises(pc.HalfYearError) as refused:
        pc.check_version_start(date(2026, 3, 1), first_of(1), date(2026, 9, 15))
    assert refused.value.first_date == date(2026, 10, 1)


def test_plan_without_goal_pay_needs_no_goals():
    plan = pc.PlanTerms(mix=pc.PayMix(50, 0, 50))
    assert plan.goals == ()


def test_defaults_are_40_10_50_by_payments_received():
    plan = pc.PlanTerms(
        goals=[pc.GoalTerms("a", D("33.33")), pc.GoalTerms("b", D("66.67"))]
    )
    assert plan.mix == pc.PayMix(D(40), D(10), D(50))
    assert (plan.scale.threshold, plan.scale.cap) == (D("0.5"), D(1))
    assert (plan.basis, plan.policy) == (pc.PAID, pc.PAY_AND_FLAG)
    assert plan.tiers == pc.PLAIN


def test_agreement_gives_the_terms_of_the_bonus():
    plan = pc.PlanTerms(goals=[pc.GoalTerms("a", 100)])
    agreement = pc.AgreementTerms(D(200000), D(2000000), D(50000), D("0.5"))
    assert agreement.bonus_terms(plan, 4).half_year_quota == D(8000000)
    assert agreement.bonus_terms(plan).rate == D("0.05")
    assert agreement.draw_terms == pc.DrawTerms(D(50000), D("0.5"))


@pytest.mark.parametrize("mix", [(50, 50, 0), (D("33.33"), D("66.67"), 0), (0, 100, 0)])
@pytest.mark.parametrize("target", ["0.01", "0.03", "100000.05"])
def test_part_of_zero_percent_gets_no_stray_cent(mix, target):
    split = pc.split_target(D(target), pc.PayMix(*mix))
    assert split.bonus == 0
    assert split.fixed + split.soft == D(target)


@pytest.mark.parametrize(
    "digits, parts", [(0, (40, 10, 51)), (3, ("40.4", "10.1", "50.5"))]
)
def test_other_currencies(digits, parts):
    split = pc.split_target(D(101), digits=digits)
    assert (split.fixed, split.soft, split.bonus) == tuple(map(D, parts))


def test_months_seasons_and_half_years():
    assert pc.half_year(date(2026, 6, 30)) == date(2026, 1, 1)
    assert pc.half_year(date(2026, 12, 31)) == date(2026, 7, 1)
    assert pc.season_months(date(2026, 2, 15), 2) == (
        date(2026, 1, 1),
        date(2026, 2, 1),
    )
    ends = [m for m in range(1, 13) if pc.is_season_end(date(2026, m, 9))]
    assert ends == [3, 6, 9, 12]


def test_first_unpaid_day_is_accepted():
    day = date(2026, 7, 1)
    assert pc.check_version_start(day, not_before=day) == day


def test_later_of_two_versions_too_close_is_named():
    with pytest.raises(pc.HalfYearError) as refused:
        pc.check_version_start(date(2026, 7, 1), first_of(4, 9))
    assert refused.value.values["other"] == date(2026, 9, 1)


@pytest.mark.parametrize(
    "attempt, error",
    [
        (lambda: pc.HeldMonth(D(80), 21, 21, D(-1)), pc.NegativeAmountError),
        (lambda: pc.SoftMonth(D(-1), pc.MonthDays(1, 1)), pc.NegativeAmountError),
        (lambda: pc.Tier(end=D(-1)), pc.NegativeAmountError),
        (lambda: pc.Standing(balance=D(-1)), pc.NegativeAmountError),
        (lambda: pc.Outcome(pc.Goal("x", 100, D(1)), 0.5), pc.AmountError),
        (lambda: pc.Correction(pc.BONUS, 0.5, "x"), pc.AmountError),
        (lambda: pc.Correction("net", D(1), "x"), pc.ComponentError),
    ],
)
def test_input_is_checked_when_it_is_passed(attempt, error):
    with pytest.raises(error):
        attempt()
