"""``paycalc`` compared with a slow and obvious calculation on fractions."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import paycalc as pc
from hypothesis import assume, example, given
from hypothesis import strategies as st

from . import oracle
from .strategies import (
    CREDITS,
    PIECES,
    bonus_terms,
    cents,
    draw_terms,
    goals,
    month_days,
)


def plain(terms):
    """Return terms in the form the oracle takes: rate, quota, tiers."""
    tiers = [(tier.start, tier.end, tier.factor) for tier in terms.tiers]
    return terms.rate, terms.monthly_quota * terms.quota_months, tiers


@given(st.decimals(-(10**12), 10**12, places=8), st.integers(0, 6))
def test_rounding(amount, digits):
    expected = oracle.money(oracle.half_up(oracle.Fraction(amount), digits), digits)
    assert pc.rnd(amount, digits) == expected


@given(CREDITS, bonus_terms())
def test_tiers(credits, terms):
    _rate, quota, tiers = plain(terms)
    assert terms.weigh(credits) == oracle.weigh(credits, quota, tiers)
    parts = pc.tier_parts(credits, quota, terms.tiers)
    assert sum(part.credits for part in parts) == credits


@given(PIECES, bonus_terms(), st.sampled_from([0, 2]))
def test_bonus_of_a_half_year(credits, terms, digits):
    months, before = [], Decimal(0)
    for credit in credits:
        months.append(pc.month_bonus(before, credit, terms, digits).amount)
        before += credit
    assert months == oracle.half_year_bonus(*plain(terms), credits, digits)


@given(PIECES, bonus_terms(), draw_terms(), cents(0, 200_000))
def test_replay(credits, terms, draw, balance):
    facts = [
        pc.CreditMonth(date(2026, 7 + n, 1), credit, terms, draw)
        for n, credit in enumerate(credits)
    ]
    course = pc.replay(facts, pc.Standing(balance=balance))
    earned = oracle.half_year_bonus(*plain(terms), credits, 2)
    paid = oracle.draw_course(earned, draw.draw, draw.recovery_rate, balance, 2)
    assert [month.earned for month in course] == earned
    assert [(month.paid.amount, month.balance) for month in course] == paid


@given(
    st.lists(cents(-100_000, 300_000), min_size=1, max_size=12),
    draw_terms(),
    cents(0, 200_000),
)
def test_draw(earned, terms, balance):
    expected = oracle.draw_course(earned, terms.draw, terms.recovery_rate, balance, 2)
    course = []
    for amount in earned:
        paid = pc.pay_bonus(amount, balance, terms)
        balance = paid.balance
        course.append((paid.amount, balance))
    assert course == expected


@given(
    CREDITS,
    CREDITS,
    bonus_terms(),
    st.lists(cents(-500_000, 500_000), max_size=5),
)
def test_clawback(before, credits, terms, pieces):
    assume(credits)
    taken, amounts = Decimal(0), []
    for piece in pieces:
        source = pc.SourceMonth(before, credits, terms, taken)
        amounts.append(pc.clawback(source, piece).amount)
        taken += piece
    expected = oracle.clawback(*plain(terms), before, credits, pieces, 2)
    assert amounts == expected


@given(cents(0, 200_000), month_days(), cents(0, 200_000))
def test_fixed_pay(fixed, days, floor):
    pay = pc.fixed_pay(fixed, days, pc.HOLD_ABOVE_FLOOR, floor)
    expected = oracle.fixed(
        fixed, days.scheduled, days.employed, days.covered, floor, 2
    )
    assert (pay.earned, pay.released, pay.held) == expected


@given(cents(0, 200_000), goals(), st.integers(0, 100), st.integers(100, 200))
def test_soft_pay(soft, outcomes, threshold, cap):
    scale = pc.Scale(Decimal(threshold) / 100, Decimal(cap) / 100)
    pool = pc.season_pool([pc.SoftMonth(soft, pc.MonthDays(21, 21))] * 3)
    rows = [
        (o.goal.weight, o.goal.direction, o.goal.target, o.goal.zero_value, o.actual)
        for o in outcomes
    ]
    pay = pc.soft_pay(pool, outcomes, scale)
    assert pay.amount == oracle.soft(soft * 3, rows, scale.threshold, scale.cap, 2)
    assert sum(pay.contributions) == pay.amount


@given(
    st.integers(1, 500),
    st.integers(1, 69),
    st.integers(1, 69),
    st.sampled_from(["0.5", "0.6", "0.75", "0.9"]),
    st.sampled_from([pc.HIGHER, pc.LOWER]),
)
@example(33, 66, 44, "0.5", pc.HIGHER)
def test_threshold_counts_whatever_the_days(
    target, scheduled, employed, threshold, direction
):
    """Exactly at the threshold pays, a ten-thousandth below it doesn't."""
    assume(employed <= scheduled)
    days = pc.MonthDays(scheduled, employed)
    aim = Fraction(target) * employed / scheduled
    at = aim * Fraction(threshold)
    if direction == pc.LOWER:
        at = 3 * aim - Fraction(threshold) * (3 * aim - aim)
    assume((at * 10_000).denominator == 1)
    goal = pc.Goal("talks", 100, target, direction, 3 * target, is_count=True)
    scale = pc.Scale(Decimal(threshold))

    def counted(actual):
        outcome = pc.Outcome(goal, oracle.money(actual, 4))
        return pc.score_goal(outcome, scale, days.proportion).amount

    worse = Fraction(-1 if direction == pc.HIGHER else 1, 10_000)
    assert abs(counted(at) - Decimal(threshold)) < Decimal("1E-20")
    assert counted(at + worse) == 0
