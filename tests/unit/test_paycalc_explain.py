"""Every amount has a formula, and every zero a reason."""

import re
from datetime import date
from decimal import Decimal

import paycalc as pc
import pytest
from hypothesis import given

from .strategies import CREDITS, bonus_terms, cents, draw_terms, month_days

D = Decimal
ZERO = D(0)
TERMS = pc.BonusTerms(D("0.05"), D(2000000))
NO_PAY = pc.BonusTerms(D("0.05"), D(2000000), (pc.Tier(factor=ZERO),))
FULL, AWAY = pc.MonthDays(21, 21), pc.MonthDays(21, 0)
BARE = pc.MonthDays(21, 21, 0)
UNPAID = pc.MonthDays(21, 0, 0, 21)
LEADS = pc.Goal("leads", 100, D(10), is_count=True)
OVERDUE = pc.Goal("overdue", 100, D(5), pc.LOWER, D(15))
POOL = pc.season_pool([pc.SoftMonth(D(20000), FULL)] * 3)
NO_POOL = pc.season_pool([pc.SoftMonth(ZERO, FULL)])
CENT_POOL = pc.season_pool([pc.SoftMonth(D("0.01"), FULL)])
WEAK = pc.Scale(threshold=ZERO)
PLAN = pc.PlanTerms(goals=[pc.GoalTerms("leads", 100)])
AGREEMENT = pc.AgreementTerms(D(200000), D(2000000))
HOLD = pc.HOLD_ABOVE_FLOOR
LAPSED = pc.loyalty_pay(D(80), pc.Loyalty(D(20), pc.LAPSED, D(5)))


def decided(decision):
    return pc.Outcome(LEADS, None, decision, "The source was down")


def statement(days=AWAY, corrections=()):
    retro = pc.Retro(corrections=corrections)
    facts = pc.MonthFacts(date(2026, 7, 1), PLAN, AGREEMENT, days, retro=retro)
    return pc.month_pay(facts).statement


def correction(amount):
    return pc.Correction(pc.FIXED, D(amount), "An hour counted twice")


ZEROS = {
    "not_employed": [
        pc.fixed_pay(D(80000), AWAY),
        pc.prorate(D(1), ZERO),
        pc.season_pool([pc.SoftMonth(D(1), AWAY)]),
        pc.score_goal(pc.Outcome(LEADS, D(1)), proportion=ZERO),
    ],
    "unpaid_leave": [
        pc.fixed_pay(D(80000), UNPAID),
        pc.season_pool([pc.SoftMonth(D(1), UNPAID)]),
    ],
    "no_part": [
        pc.fixed_pay(ZERO, FULL),
        NO_POOL,
        pc.soft_pay(NO_POOL, []),
        pc.month_bonus(ZERO, D(100), pc.BonusTerms(ZERO, D(1))),
    ],
    "too_small": [
        pc.prorate(D("0.01"), D("0.1")),
        pc.month_bonus(ZERO, D("0.01"), TERMS),
        pc.soft_pay(CENT_POOL, [pc.Outcome(LEADS, D(1))], WEAK),
        pc.clawback(pc.SourceMonth(ZERO, D(100), TERMS), D("0.01")),
        pc.fixed_pay(D("0.01"), pc.MonthDays(21, 21, 1), HOLD),
    ],
    "no_reports": [pc.fixed_pay(D(80000), BARE, HOLD)],
    "nothing_held": [
        pc.release_held(pc.HeldMonth(D(80), 21, 21, D(80))),
        pc.loyalty_pay(D(-80), pc.Loyalty(D(20), pc.HOLDING)),
    ],
    "loyalty_vested": [pc.loyalty_pay(D(80))],
    "no_loyalty_share": [pc.loyalty_pay(D(80), pc.Loyalty(ZERO, pc.HOLDING, D(5)))],
    "loyalty_lapsed": [LAPSED.lapsing],
    "nothing_new": [
        pc.release_held(pc.HeldMonth(D(80), 21, 0, D(10))),
        pc.release_held(pc.HeldMonth(D(100), 3, 1, D("33.33"))),
    ],
    "not_season_end": [pc.no_soft_pay()],
    "below_threshold": [pc.soft_pay(POOL, [pc.Outcome(LEADS, D(1))])],
    "goal_below_threshold": [pc.score_goal(pc.Outcome(LEADS, D(1)))],
    "goal_none": [
        pc.score_goal(pc.Outcome(LEADS, ZERO)),
        pc.score_goal(pc.Outcome(OVERDUE, D(20))),
    ],
    "scored_zero": [pc.score_goal(decided(pc.SCORED_ZERO))],
    "left_out": [pc.score_goal(decided(pc.LEFT_OUT))],
    "no_credits": [
        pc.month_bonus(D(100), ZERO, TERMS),
    ],
    "tier_pays_nothing": [
        pc.month_bonus(ZERO, D(100), NO_PAY),
        pc.clawback(pc.SourceMonth(ZERO, D(100), NO_PAY), D(50)),
    ],
    "nothing_taken_back": [
        pc.clawback(pc.SourceMonth(ZERO, D(100), TERMS), ZERO),
    ],
    "carried": [pc.pay_bonus(D(-5))],
    "advance_recovered": [pc.pay_bonus(D(5), D(10))],
    "nothing_earned": [pc.pay_bonus(ZERO)],
    "parts_cancel": [statement(FULL, (correction(-80000),))],
    "nothing_due": [statement(), correction(0).result(2)],
}
CASES = [(reason, result) for reason, results in ZEROS.items() for result in results]
AMOUNTS = [
    pc.split_target(D(200000)),
    pc.prorate(D(10), D("0.5")),
    pc.fixed_pay(D(80000), FULL),
    pc.fixed_pay(D(80000), pc.MonthDays(21, 21, 16), HOLD, D(27093)),
    pc.release_held(pc.HeldMonth(D(80000), 21, 21, D(60000))),
    POOL,
    pc.score_goal(pc.Outcome(LEADS, D(8))),
    pc.score_goal(pc.Outcome(OVERDUE, D(8))),
    pc.soft_pay(POOL, [pc.Outcome(LEADS, D(8))]),
    pc.month_bonus(ZERO, D(2000000), TERMS),
    pc.clawback(pc.SourceMonth(ZERO, D(100), TERMS), D(50)),
    pc.pay_bonus(D(10), ZERO, pc.DrawTerms(D(50))),
    pc.pay_bonus(D(100), D(20), pc.DrawTerms(D(50))),
    correction(-5).result(2),
    statement(FULL),
    pc.loyalty_pay(D(80), pc.Loyalty(D(20), pc.HOLDING)),
    pc.loyalty_pay(D(80), pc.Loyalty(D(20), pc.VESTED, D(5))).vesting,
    LAPSED,
    pc.clawback(pc.SourceMonth(ZERO, D(100), TERMS), D(-50)),
    pc.what_if(PLAN, AGREEMENT, D(80)),
]


def assert_explained(result):
    assert bool(result.amount) != bool(result.reason)
    assert result.formula
    assert all(item.label and item.unit for item in result.inputs)


@pytest.mark.parametrize("reason, result", CASES)
def test_zero_has_a_reason(reason, result):
    assert result.amount == 0
    assert result.reason == reason
    assert result.reason_text == pc.REASONS[reason]
    assert_explained(result)


@pytest.mark.parametrize("result", AMOUNTS, ids=lambda result: result.code)
def test_amount_has_a_formula(result):
    assert_explained(result)
    assert result.reason_text == ""


def test_every_reason_and_formula_is_in_use():
    shown = [*AMOUNTS, *(result for _reason, result in CASES)]
    assert set(ZEROS) == set(pc.REASONS)
    assert {result.code for result in shown} == set(pc.FORMULAS)


def test_every_label_is_in_use():
    shown = [*AMOUNTS, *(result for _reason, result in CASES)]
    used = {item.name for result in shown for item in result.inputs}
    assert used == set(pc.LABELS)


def test_units_are_known():
    units = {label.unit for label in pc.LABELS.values()}
    assert units == {"money", "days", "ratio", "percent", "count", "text"}


@pytest.mark.parametrize(
    "result, formula",
    [
        (
            AMOUNTS[0],
            "200,000.00 = 80,000.00 fixed pay + 20,000.00 goal pay + 100,000.00 bonus",
        ),
        (AMOUNTS[6], "8 / 10 = 0.8, counted as 0.8"),
        (AMOUNTS[7], "(15 - 8) / (15 - 5) = 0.7, counted as 0.7"),
    ],
)
def test_formula_as_text(result, formula):
    assert result.formula == formula


def test_translation_uses_the_same_values():
    result = pc.pay_bonus(D(10), ZERO, pc.DrawTerms(D(50)))
    names = re.findall(r"{(\w+)}", pc.FORMULAS[result.code])
    assert names and set(names) <= set(result.values)
    assert "выплачено {amount}".format(**result.values) == "выплачено 50.00"


@given(CREDITS, CREDITS, bonus_terms(), draw_terms(), cents(0, 90_000))
def test_bonus_is_always_explained(before, credits, terms, draw, balance):
    bonus = pc.month_bonus(before, credits, terms)
    assert_explained(bonus)
    assert_explained(pc.pay_bonus(bonus.amount, balance, draw))
    assert_explained(pc.clawback(pc.SourceMonth(before, credits, terms), abs(credits)))


@given(cents(0, 200_000), month_days(), cents(0, 90_000))
def test_fixed_pay_is_always_explained(fixed, days, floor):
    assert_explained(pc.fixed_pay(fixed, days, HOLD, floor))


def test_no_draw_is_paid_at_the_draw_amount_itself():
    at, under = (pc.pay_bonus(D(n), ZERO, pc.DrawTerms(D(50))).code for n in (50, 49))
    assert (at, under) == ("draw.recover", "draw.advance")
