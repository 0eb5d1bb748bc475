"""The same amounts in a currency with two decimals and one with none give equal
results.

Code that ignores the decimals of its currency breaks one of the two.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import paycalc as pc
import pytest
from hypothesis import given

from .strategies import CREDITS, SALES, cents, month_days

D = Decimal
ZERO = D(0)
TIERS = (pc.Tier(end=D(40)), pc.Tier(D(40), factor=D("1.25")))


def plan(policy=pc.HOLD_ABOVE_FLOOR):
    goals = [pc.GoalTerms("leads", D("33.34")), pc.GoalTerms("check", D("66.66"))]
    return pc.PlanTerms(goals=goals, tiers=TIERS, policy=policy)


class Currency:
    """A currency with ``unit`` units to the ruble; amounts are given in rubles."""

    def __init__(self, digits):
        self.digits, self.unit = digits, D(10) ** (2 - digits)

    def of(self, roubles):
        return D(roubles) * self.unit

    def agreement(self):
        return pc.AgreementTerms(
            self.of("100000.13"),
            self.of("1700000.07"),
            draw=self.of("23456.79"),
            recovery_rate=D("0.37"),
            floor=self.of("9876.53"),
            digits=self.digits,
        )

    def month(self, days, credits, balance, taken):
        agreement = self.agreement()
        terms = agreement.bonus_terms(plan())
        source = pc.SourceMonth(ZERO, self.of("3333333.33"), terms)
        held = pc.HeldMonth(self.of("40000.01"), 21, 19, self.of("12345.67"))
        return pc.MonthFacts(
            date(2026, 9, 1),
            plan(),
            agreement,
            days,
            credits=self.of(credits),
            standing=pc.Standing(
                date(2026, 7, 1), self.of("33333.33"), self.of(balance)
            ),
            season=self.season(days),
            retro=pc.Retro(
                releases=(pc.release_held(held, self.digits),),
                clawbacks=(pc.clawback(source, self.of(taken), self.digits),),
                corrections=(pc.Correction(pc.SOFT, self.of("-12.34"), "x"),),
            ),
        )

    def season(self, days):
        soft = self.of("10000.01")
        leads = pc.Goal("leads", D("33.34"), D(7), is_count=True)
        check = pc.Goal("check", D("66.66"), D(9))
        return pc.Season(
            (pc.SoftMonth(soft, days), pc.SoftMonth(soft, pc.MonthDays(22, 13))),
            (pc.Outcome(leads, D(5)), pc.Outcome(check, D(8))),
        )


def test_shares_of_a_currency_with_three_decimals_add_up():
    """200.004 is split into 80.002, 20.000 and 100.002."""
    agreement = pc.AgreementTerms(D("200.004"), D("2000"), digits=3)
    facts = pc.MonthFacts(
        date(2026, 8, 1), plan(), agreement, pc.MonthDays(7, 3), credits=D("99.999")
    )
    statement = pc.month_pay(facts).statement
    fixed, _soft, bonus = statement.shares
    # 80.002 × 3 / 7, and 99.999 at a rate of 100.002 / 2,000.
    assert (fixed.amount, bonus.amount) == (D("34.287"), D("5.000"))
    assert statement.amount == D("39.287")


ROUBLES, KOPECKS = Currency(2), Currency(0)


def assert_alike(in_roubles, in_kopecks):
    """Assert that two lists contain equal amounts."""
    assert [amount * 100 for amount in in_roubles] == list(in_kopecks)


def amounts_of(pay):
    statement = pay.statement
    soft = next(line.result for line in statement.lines if line.kind == "soft")
    return [
        statement.amount,
        statement.held_amount,
        statement.balance,
        *(line.amount for line in statement.lines),
        *soft.contributions,
        *(share.target_amount for share in statement.shares),
        *(share.amount for share in statement.shares),
        pay.standing.balance,
    ]


@given(month_days(), CREDITS, cents(0, 90_000), SALES)
def test_a_month(days, credits, balance, taken):
    facts = [c.month(days, credits, balance, taken) for c in (ROUBLES, KOPECKS)]
    assert_alike(*(amounts_of(pc.month_pay(each)) for each in facts))


@given(month_days(), cents(0, 50_000))
def test_fixed_pay_and_its_release(days, floor):
    found = []
    for currency in (ROUBLES, KOPECKS):
        of, digits = currency.of, currency.digits
        pay = pc.fixed_pay(of("40000.01"), days, pc.HOLD_ABOVE_FLOOR, of(floor), digits)
        held = pc.HeldMonth(pay.earned, days.employed, days.employed / 2, ZERO)
        released = pc.release_held(held, digits).amount
        found.append([pay.earned, pay.amount, pay.held, pay.floor_part, released])
    assert_alike(*found)


@pytest.mark.parametrize("level", [33, 50, 77, 100, 149])
def test_what_if(level):
    found = []
    for currency in (ROUBLES, KOPECKS):
        row = pc.what_if(plan(), currency.agreement(), D(level))
        found.append([row.amount, row.soft, row.bonus, row.half_year, row.balance])
    assert_alike(*found)


@given(CREDITS, SALES)
def test_forecast_and_difference_of_two_courses(credits, expected):
    found = []
    for currency in (ROUBLES, KOPECKS):
        of, digits = currency.of, currency.digits
        terms = currency.agreement().bonus_terms(plan())
        forecast = pc.forecast_bonus(
            of("333.33"), of(credits), of(expected), terms, digits
        )
        month = pc.CreditMonth(
            date(2026, 7, 1),
            of(credits),
            terms,
            pc.DrawTerms(of("23.45")),
            proportion=D("0.5"),
        )
        courses = [
            pc.replay([replace(month, credits=of(n))], digits=digits)
            for n in (credits, expected)
        ]
        found.append(
            [
                forecast.sure.amount,
                forecast.expected.amount,
                courses[0][0].paid.amount,
                pc.retro_bonus(*courses, digits),
            ]
        )
    assert_alike(*found)


def test_what_if_is_rounded_where_it_is_paid():
    """At 66.67 % of a quota of 0.05, no more than 0.03 can be credited."""
    plain = replace(plan(), tiers=pc.PLAIN)
    row = pc.what_if(plain, pc.AgreementTerms(D(10), D("0.05")), D("66.67"))
    # 3 of 5 cents at a rate of 100; goal pay 1.00 × 0.6667.
    assert (row.bonus, row.soft) == (D("3.00"), D("0.67"))
    assert (row.amount, row.half_year) == (D("7.67"), D("46.02"))


def test_average_of_six_months_is_rounded():
    """300 credits at a rate of 0.0005 are 0.15, a sixth of which is 0.025."""
    plain = replace(plan(), tiers=pc.PLAIN)
    row = pc.what_if(plain, pc.AgreementTerms(D("0.10"), D(100)), D(50))
    assert row.bonus == D("0.03")


def test_adjustment_with_more_decimals_than_the_currency_is_rounded():
    assert pc.Correction(pc.BONUS, D("0.005"), "x").result(2).amount == D("0.01")
    assert pc.Correction(pc.BONUS, D("0.5"), "x").result(0).amount == 1
