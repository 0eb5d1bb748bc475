"""Properties that hold for any numbers."""

from datetime import date
from decimal import Decimal

import paycalc as pc
from hypothesis import assume, given
from hypothesis import strategies as st

from .strategies import (
    CREDITS,
    DIGITS,
    PIECES,
    SALES,
    bonus_terms,
    cents,
    draw_terms,
    goals,
    month_days,
    percents,
)

ZERO = Decimal(0)
MONTHS = [date(2026, 7 + n, 1) for n in range(6)]


def earn(credits, terms):
    """Return the bonus of each month of a half-year."""
    facts = zip(MONTHS, credits, strict=False)
    return [
        month.bonus.amount
        for month in pc.replay(pc.CreditMonth(m, c, terms) for m, c in facts)
    ]


# --- parts add up to the whole -----------------------------------------------


@given(st.integers(1, 10**9), percents(3), DIGITS)
def test_parts_add_up_to_the_target(units, mix, digits):
    mix = [*mix, ZERO, ZERO][:3]
    target = Decimal(units).scaleb(-digits)
    split = pc.split_target(target, pc.PayMix(*mix), digits)
    assert split.fixed + split.soft + split.bonus == target
    assert min(split.fixed, split.soft, split.bonus) >= 0


@given(month_days(), cents(0, 50_000), goals())
def test_contributions_add_up_to_the_goal_pay(days, soft, outcomes):
    pool = pc.season_pool([pc.SoftMonth(soft, days)] * 3)
    pay = pc.soft_pay(pool, outcomes)
    assert sum(pay.contributions) == pay.amount
    assert 0 <= pay.amount <= pool.amount


# --- no rounding drift -------------------------------------------------------


@given(PIECES, bonus_terms())
def test_no_drift_over_a_half_year(credits, terms):
    whole = pc.month_bonus(ZERO, sum(credits), terms).amount
    assert sum(earn(credits, terms)) == whole


@given(PIECES, bonus_terms(), draw_terms(), cents(0, 90_000))
def test_single_months_equal_the_replay(credits, terms, draw, balance):
    facts = [
        pc.CreditMonth(month, credit, terms, draw)
        for month, credit in zip(MONTHS, credits, strict=False)
    ]
    standing, stepped = pc.Standing(balance=balance), []
    for month in facts:
        stepped.append(pc.bonus_step(standing, month))
        standing = stepped[-1].standing
    assert tuple(stepped) == pc.replay(facts, pc.Standing(balance=balance))


@given(st.lists(CREDITS, min_size=2, max_size=6), st.randoms(), bonus_terms())
def test_order_within_a_month_does_not_matter(credits, chance, terms):
    shuffled = list(credits)
    chance.shuffle(shuffled)

    def bonus(pieces):
        before = ZERO
        for piece in pieces:
            yield pc.month_bonus(before, piece, terms).amount
            before += piece

    # Piece by piece in any order, or all at once: the month gets the same.
    once = pc.month_bonus(ZERO, sum(credits), terms).amount
    assert sum(bonus(credits)) == sum(bonus(shuffled)) == once


# --- reversals ---------------------------------------------------------------


@given(st.lists(SALES, min_size=1, max_size=3), bonus_terms())
def test_full_reversal_in_the_half_year_nets_to_zero(credits, terms):
    assert sum(earn([*credits, *(-c for c in credits)], terms)) == 0


@given(CREDITS, SALES, bonus_terms(), st.sets(st.integers(1, 999), max_size=4))
def test_full_reversal_of_an_earlier_half_year_nets_to_zero(
    before, credits, terms, cuts
):
    earned = pc.month_bonus(before, credits, terms).amount
    taken, back = ZERO, ZERO
    for cut in [*sorted(cuts), 1000]:
        piece = pc.rnd(credits * cut / 1000) - taken
        source = pc.SourceMonth(before, credits, terms, taken)
        back += pc.clawback(source, piece).amount
        taken += piece
    assert earned + back == 0


@given(CREDITS, CREDITS, bonus_terms())
def test_effective_rate_lies_between_the_tiers(before, credits, terms):
    factors = [tier.factor * terms.rate for tier in terms.tiers]
    rate = pc.SourceMonth(before, credits, terms).effective_rate
    slack = Decimal("1E-40")
    assert min(factors) - slack <= rate <= max(factors) + slack


# --- monotonicity ------------------------------------------------------------


@given(CREDITS, CREDITS, SALES, bonus_terms())
def test_more_sales_never_earn_less(before, credits, more, terms):
    less = pc.month_bonus(before, credits, terms).amount
    assert pc.month_bonus(before, credits + more, terms).amount >= less


@given(cents(-90_000, 300_000), cents(0, 300_000), cents(0, 90_000), draw_terms())
def test_more_earned_never_pays_less(earned, more, balance, terms):
    less = pc.pay_bonus(earned, balance, terms)
    greater = pc.pay_bonus(earned + more, balance, terms)
    assert greater.amount >= less.amount
    assert greater.balance <= less.balance


@given(PIECES, st.integers(0, 5), SALES, bonus_terms(), draw_terms())
def test_more_sales_never_leave_less_over_a_half_year(
    credits, place, more, terms, draw
):
    def worth(amounts):
        facts = zip(MONTHS, amounts, strict=False)
        months = pc.replay(pc.CreditMonth(m, c, terms, draw) for m, c in facts)
        return sum(m.paid.amount for m in months) - months[-1].balance

    better = list(credits)
    better[place % len(credits)] += more
    assert worth(better) >= worth(credits)


@given(goals(), cents(0, 500))
def test_better_value_never_scores_less(outcomes, step):
    for outcome in outcomes:
        sign = 1 if outcome.goal.direction == pc.HIGHER else -1
        better = pc.Outcome(outcome.goal, outcome.actual + sign * step)
        assert pc.score_goal(better).amount >= pc.score_goal(outcome).amount


# --- draw balance ------------------------------------------------------------


@given(PIECES, bonus_terms(), draw_terms(), cents(0, 90_000))
def test_paid_is_earned_plus_the_increase_of_the_balance(credits, terms, draw, balance):
    facts = zip(MONTHS, credits, strict=False)
    months = pc.replay(
        (pc.CreditMonth(m, c, terms, draw) for m, c in facts),
        pc.Standing(balance=balance),
    )
    paid = sum(month.paid.amount for month in months)
    earned = sum(month.earned for month in months)
    assert paid == earned + months[-1].balance - balance
    assert all(month.paid.amount >= draw.draw for month in months)
    assert all(month.balance >= 0 for month in months)


# --- fixed pay ---------------------------------------------------------------


@given(cents(0, 200_000), month_days(), cents(0, 200_000))
def test_fixed_pay_never_falls_below_the_floor(fixed, days, floor):
    pay = pc.fixed_pay(fixed, days, pc.HOLD_ABOVE_FLOOR, floor)
    least = min(pay.earned, pc.rnd(floor * days.proportion))
    assert least <= pay.released <= pay.earned
    assert pay.held >= 0
    assert pay.released + pay.held == pay.earned


@given(cents(0, 200_000), month_days(), cents(0, 200_000))
def test_pay_and_flag_holds_nothing(fixed, days, floor):
    pay = pc.fixed_pay(fixed, days, pc.PAY_AND_FLAG, floor)
    assert pay.held == 0
    assert pay.uncovered_days == days.employed - days.covered


@given(cents(0, 200_000), month_days(), cents(0, 90_000), st.lists(st.integers(0, 100)))
def test_held_pay_is_released_in_full(fixed, days, floor, approvals):
    pay = pc.fixed_pay(fixed, days, pc.HOLD_ABOVE_FLOOR, floor)
    released = pay.released
    for percent in [*approvals, 100]:
        covered = days.employed * percent / 100
        held = pc.HeldMonth(pay.earned, days.employed, covered, released)
        late = pc.release_held(held).amount
        assert late >= 0
        released += late
    assert released == pay.earned


@given(cents(0, 200_000), st.integers(1, 23), st.data())
def test_more_employed_days_never_pay_less(fixed, scheduled, data):
    employed = data.draw(st.integers(0, scheduled - 1))
    fewer = pc.fixed_pay(fixed, pc.MonthDays(scheduled, employed))
    more = pc.fixed_pay(fixed, pc.MonthDays(scheduled, employed + 1))
    assert fewer.amount <= more.amount


# --- reached targets ---------------------------------------------------------


@given(cents(1, 900_000), cents(1, 9_000_000))
def test_reached_quota_pays_the_target_bonus(target, quota):
    split = pc.split_target(target)
    assume(split.bonus)
    terms = pc.BonusTerms.of_split(split, quota)
    assert sum(earn([quota] * 6, terms)) == split.bonus * 6
