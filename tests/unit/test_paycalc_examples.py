"""The worked examples are correct to the cent, in the code and in the docs."""

import re
from decimal import Decimal
from pathlib import Path

import paycalc as pc

from . import crediting, examples_ru
from .examples import (
    BY_NAME,
    EXAMPLES,
    MONTHLY_QUOTA,
    NOVEMBER,
    RATE,
    TARGET_EARNINGS,
    markdown_table,
)

DOCS = Path(__file__).resolve().parents[2] / "docs"
TERMS = pc.BonusTerms(RATE, MONTHLY_QUOTA)
AGREEMENT = pc.AgreementTerms(TARGET_EARNINGS, MONTHLY_QUOTA)
GOALS = (pc.GoalTerms("leads", 100),)


def test_rate_of_the_examples_is_target_bonus_over_quota():
    split = pc.split_target(TARGET_EARNINGS)
    assert pc.bonus_rate(split.bonus, MONTHLY_QUOTA) == RATE


def test_plain_month():
    example = BY_NAME["plain_month"]
    facts = pc.MonthFacts(
        month=example.facts["month"],
        plan=pc.PlanTerms(goals=GOALS, basis=example.facts["basis"]),
        agreement=AGREEMENT,
        days=pc.MonthDays(*example.facts["days"]),
        credits=example.facts["credits"],
    )
    statement = pc.month_pay(facts).statement
    for name, amount in example.expected.items():
        assert getattr(statement, name) == amount, name
    assert not pc.is_season_end(NOVEMBER)


def test_odd_cents():
    example = BY_NAME["odd_cents"]
    split = pc.split_target(**example.facts)
    for name, amount in example.expected.items():
        assert getattr(split, name) == amount, name


def test_held_and_released():
    example = BY_NAME["held_and_released"]
    facts, expected = example.facts, example.expected
    fixed, policy, floor = Decimal(80000), facts["policy"], facts["floor"]
    november = pc.fixed_pay(fixed, pc.MonthDays(*facts["november"]), policy, floor)
    december = pc.fixed_pay(fixed, pc.MonthDays(*facts["december"]), policy, floor)
    held = pc.HeldMonth(november.earned, 21, 21, november.released)
    assert november.released == expected["november_fixed"]
    assert november.held == expected["november_held"]
    assert december.released == expected["december_fixed"]
    assert pc.release_held(held).amount == expected["december_release"]


def test_season():
    example = BY_NAME["season"]
    outcomes = [
        pc.Outcome(pc.Goal(key, weight, target, direction, zero), actual)
        for key, weight, direction, target, zero, actual in example.facts["goals"]
    ]
    scale = pc.Scale(example.facts["threshold"], example.facts["cap"])
    month = pc.SoftMonth(example.facts["pool"] / 3, pc.MonthDays(21, 21))
    soft = pc.soft_pay(pc.season_pool([month] * 3), outcomes, scale)
    assert tuple(s.amount for s in soft.scores) == example.expected["attainments"]
    assert soft.attainment == example.expected["attainment"]
    assert soft.amount == example.expected["soft_amount"]


def test_draw():
    example = BY_NAME["draw"]
    terms = pc.DrawTerms(example.facts["draw"], example.facts["recovery_rate"])
    balance, course = Decimal(0), []
    for earned in example.facts["earned"]:
        paid = pc.pay_bonus(earned, balance, terms)
        balance = paid.balance
        course.append((paid.amount, balance))
    expected = zip(example.expected["paid"], example.expected["balance"], strict=True)
    assert course == list(expected)


def test_money_in_pieces():
    example = BY_NAME["money_in_pieces"]
    facts, expected = example.facts, example.expected
    invoice = facts["untaxed"], facts["total"]
    so_far = facts["november_money"]
    first = crediting.paid_to_date(*invoice, so_far)
    # The credit note is no payment, so it isn't included in the payments so far.
    so_far += facts["december_money"]
    second = crediting.paid_to_date(*invoice, so_far) - first
    third = crediting.paid_to_date(*invoice, so_far) - first - second
    months = pc.month_bonus(Decimal(0), first, TERMS)
    assert months.amount == expected["november_bonus"]
    december = pc.month_bonus(first, second, TERMS)
    assert december.amount == expected["december_bonus"]
    assert third == expected["credit_note_bonus"]


def test_no_drift():
    example = BY_NAME["no_drift"]
    before, bonuses = Decimal(0), []
    for credits in example.facts["credits"]:
        bonuses.append(pc.month_bonus(before, credits, TERMS).amount)
        before += credits
    assert tuple(bonuses) == example.expected["bonus"]


def test_loyalty():
    example = BY_NAME["loyalty"]
    held, course = Decimal(0), []
    months = zip(example.facts["earned"], example.facts["states"], strict=True)
    for earned, state in months:
        terms = pc.Loyalty(example.facts["share"], state, held)
        pay = pc.loyalty_pay(earned, terms)
        held = pay.held
        course.append((pay.change, pay.held, pay.vested))
    for number, name in enumerate(("shares", "held", "vested")):
        assert tuple(row[number] for row in course) == example.expected[name], name


def test_bound():
    example = BY_NAME["bound"]
    waiting, before, found = (), Decimal(0), []
    months = zip(example.facts["credits"], example.facts["lacking"], strict=True)
    for number, (amount, is_lacking) in enumerate(months):
        rows = [pc.BoundCredit(row.key, 1, row.amount, True) for row in waiting]
        rows.append(pc.BoundCredit(number, 1, amount))
        done = pc.sort_credits(rows, {1} if is_lacking else ())
        waiting = done.held
        bonus = pc.month_bonus(before, done.amount, TERMS).amount
        before += done.amount
        found.append((done.amount, pc.total(row.amount for row in waiting), bonus))
    for number, name in enumerate(("counted", "held_credits", "bonus")):
        assert tuple(row[number] for row in found) == example.expected[name], name


def test_every_example_has_a_test():
    assert [example.number for example in EXAMPLES] == list(range(1, 10))
    assert {f"test_{name}" for name in BY_NAME} <= set(globals())


def test_public_pages_show_the_same_examples():
    for page in ("pay.md", "your-pay.md"):
        assert markdown_table() in (DOCS / page).read_text(encoding="utf-8"), page
        russian = (DOCS / "ru" / page).read_text(encoding="utf-8")
        assert examples_ru.markdown_table() in russian, page


def test_every_user_page_exists_in_russian():
    names = {page.name for page in (DOCS / "ru").glob("*.md")}
    for page in ("closing-a-month", "your-pay", "installing", "limits", "pay"):
        assert f"{page}.md" in names
        for image in re.findall(r"\]\((images/[^)]+)\)", _read(f"{page}.md")):
            assert (DOCS / image).is_file(), image
        for image in re.findall(r"\]\(\.\./(images/[^)]+)\)", _read(f"ru/{page}.md")):
            assert (DOCS / image).is_file(), image


def _read(page):
    return (DOCS / page).read_text(encoding="utf-8")
