"""A complete month, its edge cases, and what-if calculations."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import paycalc as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from .strategies import CREDITS, SALES, cents, month_days

D = Decimal
ZERO = D(0)
PLAN = pc.PlanTerms(goals=[pc.GoalTerms("leads", 60), pc.GoalTerms("check", 40)])
AGREEMENT = pc.AgreementTerms(D(200000), D(2000000))
FULL = pc.MonthDays(21, 21)
LEADS = pc.Goal("leads", 60, D(10), is_count=True)
CHECK = pc.Goal("check", 40, D(500000))
SEASON = pc.Season(
    (pc.SoftMonth(D(20000), FULL),) * 3,
    (pc.Outcome(LEADS, D(5)), pc.Outcome(CHECK, D(500000))),
)
FACTS = pc.MonthFacts(date(2026, 9, 1), PLAN, AGREEMENT, FULL, D(2000000))
OLD_TERMS = pc.BonusTerms(D("0.05"), D(2000000))


def pay(**changes):
    return pc.month_pay(replace(FACTS, **changes))


def check_adds_up(statement):
    parts = (
        statement.fixed_amount,
        statement.soft_amount,
        statement.bonus_amount,
        statement.carry_amount,
        statement.retro_amount,
    )
    assert sum(parts) == statement.total_amount
    assert sum(line.amount for line in statement.lines) == statement.total_amount
    components = [statement.component(name) for name in pc.COMPONENTS]
    assert sum(components) == statement.total_amount


def test_season_end():
    statement = pay(season=SEASON).statement
    assert statement.soft_amount == D("42000.00")
    assert statement.total_amount == D("222000.00")
    check_adds_up(statement)


def test_season_is_scored_by_the_scale_its_goals_were_agreed_under():
    """Leads at 0.5 no longer count, the average sale value at 1 counts 0.9: 40 % of the
    pool.
    """
    season = replace(SEASON, scale=pc.Scale(D("0.6"), D("0.9")))
    assert pay(season=season).statement.soft_amount == D("21600.00")


@given(CREDITS, month_days(), cents(0, 90_000), cents(0, 90_000), SALES, st.booleans())
def test_every_statement_adds_up(credits, days, draw, balance, taken, is_end):
    source = pc.SourceMonth(ZERO, D(5000000), OLD_TERMS)
    retro = pc.Retro(
        releases=(pc.release_held(pc.HeldMonth(D(80000), 21, 21, D(60000))),),
        clawbacks=(pc.clawback(source, taken),),
        corrections=(pc.Correction(pc.SOFT, D("-12.34"), "A lead counted twice"),),
    )
    month = pay(
        credits=credits,
        days=days,
        agreement=replace(AGREEMENT, draw=draw, floor=D(30000)),
        plan=replace(PLAN, policy=pc.HOLD_ABOVE_FLOOR),
        standing=pc.Standing(balance=balance),
        season=SEASON if is_end else None,
        retro=retro,
    )
    statement = month.statement
    check_adds_up(statement)
    assert statement.component(pc.BONUS) == month.bonus.paid.amount >= 0
    assert statement.balance == month.standing.balance
    percents = [share.percent for share in statement.shares]
    assert percents == [None] * 3 or sum(percents) == 100
    assert (percents[0] is None) == (statement.total_amount <= 0)


def test_target_share_and_realized_share():
    fixed, soft, bonus = pay().statement.shares
    assert (fixed.target_percent, fixed.target_amount) == (D(40), D("80000.00"))
    assert (fixed.amount, fixed.percent) == (D("80000.00"), D("44.44"))
    assert (soft.target_percent, soft.amount, soft.percent) == (D(10), 0, 0)
    assert (bonus.target_percent, bonus.percent) == (D(50), D("55.56"))


def test_negative_total_has_no_shares():
    correction = pc.Correction(pc.FIXED, D(-90000), "Paid twice in August")
    statement = pay(credits=ZERO, retro=pc.Retro(corrections=(correction,))).statement
    assert statement.total_amount == D("-10000.00")
    assert [share.percent for share in statement.shares] == [None] * 3


def test_leaver_gets_neither_fixed_pay_nor_draw_but_their_bonus():
    agreement = replace(AGREEMENT, draw=D(50000))
    month = pay(days=pc.MonthDays(21, 0), credits=D(100000), agreement=agreement)
    assert month.statement.fixed_amount == 0
    assert month.statement.lines[0].result.reason == "not_employed"
    assert month.statement.total_amount == D("5000.00")


def test_partial_month_prorates_the_draw():
    agreement = replace(AGREEMENT, draw=D(50000))
    month = pay(days=pc.MonthDays(20, 10), credits=ZERO, agreement=agreement)
    assert month.statement.carry_amount == D("25000.00")
    assert month.standing.balance == D("25000.00")


def test_floor_above_the_fixed_pay_releases_all_of_it():
    days = pc.MonthDays(21, 21, 0)
    fixed = pc.fixed_pay(D(80000), days, pc.HOLD_ABOVE_FLOOR, D(90000))
    assert (fixed.released, fixed.held) == (D("80000.00"), 0)


def test_floor_prorates_with_the_days():
    days = pc.MonthDays(20, 10, 0)
    fixed = pc.fixed_pay(D(80000), days, pc.HOLD_ABOVE_FLOOR, D(30000))
    assert (fixed.released, fixed.held) == (D("15000.00"), D("25000.00"))


def test_withdrawn_approval_claws_back_no_pay():
    held = pc.HeldMonth(D(80000), 21, 10, D("60952.38"))
    assert pc.release_held(held).amount == 0


# --- seasons -----------------------------------------------------------------


def test_weights_of_an_excluded_goal_go_to_the_others():
    outcomes = (
        pc.Outcome(pc.Goal("a", 50, D(10)), D(10)),
        pc.Outcome(pc.Goal("b", 30, D(10)), D(5)),
        pc.Outcome(pc.Goal("c", 20, D(10)), None, pc.LEFT_OUT, "No data yet"),
    )
    pool = pc.season_pool(SEASON.months)
    soft = pc.soft_pay(pool, outcomes)
    assert soft.attainment == D("0.8125")
    assert soft.contributions == (D("37500.00"), D("11250.00"), D("0.00"))
    assert not soft.scores[2].counts


def test_goal_scored_zero_keeps_its_weight():
    outcomes = (
        pc.Outcome(pc.Goal("a", 50, D(10)), D(10)),
        pc.Outcome(pc.Goal("b", 50, D(10)), None, pc.SCORED_ZERO, "Never reported"),
    )
    soft = pc.soft_pay(pc.season_pool(SEASON.months), outcomes)
    assert soft.attainment == D("0.5")


def test_count_targets_are_prorated_and_ratios_are_not():
    away, half = pc.MonthDays(20, 0), pc.MonthDays(20, 10)
    months = [pc.SoftMonth(D(20000), d) for d in (away, half, pc.MonthDays(20, 20))]
    pool = pc.season_pool(months)
    assert pool.amount == D("30000.00")
    assert pool.proportion == D("0.5")
    leads, check = pc.Outcome(LEADS, D(5)), pc.Outcome(CHECK, D(250000))
    assert pc.score_goal(leads, proportion=pool.proportion).amount == 1
    assert pc.score_goal(check, proportion=pool.proportion).amount == D("0.5")


def test_lower_is_better_count_prorates_both_values():
    complaints = pc.Goal("complaints", 100, D(4), pc.LOWER, D(8), is_count=True)
    score = pc.score_goal(pc.Outcome(complaints, D(3)), proportion=D("0.5"))
    assert score.amount == D("0.5")


def test_target_zero_works_when_lower_is_better():
    overdue = pc.Goal("overdue", 100, D(0), pc.LOWER, D(10))
    assert pc.score_goal(pc.Outcome(overdue, D(0))).amount == 1
    assert pc.score_goal(pc.Outcome(overdue, D(5))).amount == D("0.5")
    assert pc.score_goal(pc.Outcome(overdue, D(11))).amount == 0


@pytest.mark.parametrize(
    "actual, counted", [("4.99", 0), ("5", "0.5"), ("10", 1), ("15", "1.2"), ("-3", 0)]
)
def test_threshold_and_cap(actual, counted):
    outcome = pc.Outcome(pc.Goal("a", 100, D(10)), D(actual))
    assert pc.score_goal(outcome, pc.Scale(cap=D("1.2"))).amount == D(counted)


def test_nobody_employed_has_no_pool_and_needs_no_goals():
    pool = pc.season_pool([pc.SoftMonth(D(20000), pc.MonthDays(20, 0))] * 3)
    soft = pc.soft_pay(pool, [])
    assert (soft.amount, soft.reason) == (0, "not_employed")
    score = pc.score_goal(pc.Outcome(LEADS, D(0)), proportion=pool.proportion)
    assert (score.amount, score.reason) == (0, "not_employed")


# --- bonus -------------------------------------------------------------------


def test_tiers_are_marginal_never_retroactive():
    tiers = (pc.Tier(end=100), pc.Tier(100, factor=D("1.5")))
    terms = pc.BonusTerms(D("0.05"), D(2000000), tiers)
    at = pc.month_bonus(ZERO, D(12000000), terms).amount
    above = pc.month_bonus(D(12000000), D(1000000), terms).amount
    assert (at, above) == (D("600000.00"), D("75000.00"))


@pytest.mark.parametrize(
    "before, credits, earned",
    [
        # 0.005 is 0.01 to date: 1.00 - 0.01 and back, not half of 0.995.
        (D("0.10"), D("19.90"), D("0.99")),
        (D("20.00"), D("-19.90"), D("-0.99")),
    ],
)
def test_cumulative_bonus_is_rounded(before, credits, earned):
    assert pc.month_bonus(before, credits, OLD_TERMS).amount == earned


def test_clawback_and_addition_are_lines_of_two_kinds():
    source = pc.SourceMonth(ZERO, D(100), OLD_TERMS)
    amounts = (D(50), D(-50), ZERO)
    retro = pc.Retro(clawbacks=tuple(pc.clawback(source, n) for n in amounts))
    kinds = [(line.kind, line.amount) for line in retro.lines()]
    assert kinds == [
        ("clawback", D("-2.50")),
        ("correction", D("2.50")),
        ("clawback", 0),
    ]


def test_clawback_in_the_half_year_runs_back_through_the_tiers():
    tiers = (pc.Tier(end=100), pc.Tier(100, factor=D(2)))
    terms = pc.BonusTerms(D("0.05"), D(2000000), tiers)
    back = pc.month_bonus(D(13000000), D(-2000000), terms)
    assert back.amount == D("-150000.00")


def test_clawback_of_an_earlier_half_year_uses_its_effective_rate():
    tiers = (pc.Tier(end=100), pc.Tier(100, factor=D(2)))
    terms = pc.BonusTerms(D("0.05"), D(2000000), tiers)
    source = pc.SourceMonth(D(11000000), D(2000000), terms)
    assert source.effective_rate == D("0.075")
    assert pc.clawback(source, D(200000)).amount == D("-15000.00")


def test_source_month_with_zero_credits_uses_the_next_credits_rate():
    tiers = (pc.Tier(end=100), pc.Tier(100, factor=D(2)))
    terms = pc.BonusTerms(D("0.05"), D(2000000), tiers)
    rates = [
        pc.SourceMonth(D(before), ZERO, terms).effective_rate
        for before in (-1, 0, 11999999, 12000000)
    ]
    assert rates == [D("0.05"), D("0.05"), D("0.05"), D("0.1")]


def test_credits_below_zero_fall_into_the_first_tier():
    tiers = (pc.Tier(end=50, factor=D("0.5")), pc.Tier(50))
    terms = pc.BonusTerms(D("0.05"), D(2000000), tiers)
    assert pc.month_bonus(ZERO, D(-1000), terms).amount == D("-25.00")


def test_negative_month_pays_nothing_and_is_carried_forward():
    first = pay(credits=D(-100000))
    assert first.statement.bonus_amount == D("-5000.00")
    assert first.statement.carry_amount == D("5000.00")
    assert first.statement.component(pc.BONUS) == 0
    assert first.statement.component(pc.FIXED) == D("80000.00")
    october = date(2026, 10, 1)
    second = pay(month=october, credits=D(300000), standing=first.standing)
    assert second.statement.component(pc.BONUS) == D("10000.00")
    assert second.standing.balance == 0


def test_credits_restart_with_the_half_year_and_the_balance_continues():
    terms = pc.BonusTerms(D("0.05"), D(2000000))
    june, july = date(2026, 6, 1), date(2026, 7, 1)
    draw = pc.DrawTerms(D(50000))
    months = pc.replay(
        [pc.CreditMonth(june, D(0), terms, draw), pc.CreditMonth(july, D(1), terms)],
        pc.Standing(pc.half_year(june), D(500)),
    )
    assert months[0].bonus.credits_before == D(500)
    assert months[1].bonus.credits_before == 0
    assert months[1].paid.recovered == D("0.05")
    assert months[1].balance == D("49999.95")


def test_changed_terms_apply_only_to_their_own_months():
    old = pc.BonusTerms(D("0.05"), D(2000000))
    new = pc.BonusTerms(D("0.10"), D(2000000))
    months = pc.replay(
        [
            pc.CreditMonth(date(2026, 7, 1), D(1000), old),
            pc.CreditMonth(date(2026, 8, 1), D(1000), new),
        ]
    )
    assert [month.earned for month in months] == [D("50.00"), D("100.00")]


def test_reopened_month_settles_later_closed_ones_in_the_first_open_month():
    tiers = (pc.Tier(end=100), pc.Tier(100, factor=D(2)))
    terms = pc.BonusTerms(D("0.05"), D(100), tiers)

    def course(*credits):
        return pc.replay(
            pc.CreditMonth(date(2026, 7 + n, 1), D(credit), terms)
            for n, credit in enumerate(credits)
        )

    locked, corrected = course(300, 300, 300), course(500, 300, 300)
    # July itself is recalculated and paid anew; August and September stay closed.
    settled = pc.retro_bonus(locked[1:], corrected[1:])
    whole = course(500, 300, 300)
    paid = corrected[0].earned + locked[1].earned + locked[2].earned + settled
    assert paid == sum(month.earned for month in whole)


# --- what-if -----------------------------------------------------------------


def test_what_if_at_100_percent_is_the_target():
    rows = pc.what_if_table(PLAN, AGREEMENT)
    assert [row.quota_level for row in rows] == [50, 80, 100, 120, 150]
    assert rows[2].amount == AGREEMENT.target_earnings
    assert rows[2].half_year == 6 * AGREEMENT.target_earnings
    amounts = [row.amount for row in rows]
    expected = ["140000", "176000", "200000", "220000", "250000"]
    assert amounts == [D(amount) for amount in expected]


def test_what_if_separates_quota_and_goals():
    row = pc.what_if(PLAN, AGREEMENT, D(100), D(40))
    assert (row.soft, row.bonus) == (0, D("100000.00"))


def test_what_if_shows_the_remaining_draw_balance():
    row = pc.what_if(PLAN, replace(AGREEMENT, draw=D(60000)), D(50))
    assert (row.bonus, row.balance) == (D("60000.00"), D("60000.00"))


def test_what_if_applies_tiers():
    tiers = (pc.Tier(end=100), pc.Tier(100, factor=D(2)))
    row = pc.what_if(replace(PLAN, tiers=tiers), AGREEMENT, D(150))
    assert row.bonus == D("200000.00")


def test_forecast_of_the_current_month():
    terms = AGREEMENT.bonus_terms(PLAN)
    forecast = pc.forecast_bonus(ZERO, D(100000), D(300000), terms)
    assert forecast.sure.amount == D("5000.00")
    assert forecast.expected.amount == D("20000.00")


def test_months_are_replayed_in_order():
    months = [pc.CreditMonth(date(2026, m, 1), ZERO, OLD_TERMS) for m in (7, 9, 8)]
    with pytest.raises(pc.PeriodError, match="2026-08-01 follows 2026-09-01"):
        pc.replay(months)


def test_nothing_to_calculate_from():
    nothing = pc.season_pool([])
    assert (nothing.amount, nothing.proportion) == (0, 0)
    unpaid = pc.soft_pay(nothing, [])
    assert unpaid.attainment == dict(unpaid.inputs)["attainment"] == 0
    assert pc.MonthDays(21, 0).coverage == 1


def test_earlier_addition_is_shown_as_an_addition():
    source = pc.SourceMonth(ZERO, D(100), OLD_TERMS, taken_before=D(-30))
    shown = dict(pc.clawback(source, D(-20)).inputs)
    assert (shown["added"], shown["added_before"]) == (20, 30)
