"""Loyalty share, and credits that wait for documents, against the slow oracle."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import paycalc as pc
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from . import crediting, oracle
from .strategies import bonus_terms, bound_lines, cents, draw_terms, loyalty_months

HIRED = date(2025, 6, 16)


def course_of(months, digits=2):
    """Run the months through ``loyalty_pay``, as the oracle reports them."""
    held = lapsed = Decimal(0)
    course = []
    for earned, share, state in months:
        terms = pc.Loyalty(share, state, held, lapsed)
        pay = pc.loyalty_pay(earned, terms, digits)
        held, lapsed = pay.held, pay.lapsed_total
        course.append((pc.rnd(earned + pay.amount, digits), pay.vested, held, lapsed))
    return course


@given(loyalty_months())
@example(
    [(Decimal(100), Decimal(20), "holding"), (Decimal(-300), Decimal(20), "holding")]
)
@example(
    [(Decimal(100), Decimal(20), "holding"), (Decimal(-50), Decimal(20), "lapsed")]
)
def test_loyalty_equals_the_oracle(months):
    assert course_of(months) == oracle.loyalty_course(months, 2)


@given(loyalty_months())
def test_nothing_is_lost_or_paid_twice(months):
    """What was earned is paid, held or lapsed, to the cent."""
    course = course_of(months)
    earned = sum(row[0] for row in months)
    paid = sum(paid + vested for paid, vested, _held, _lapsed in course)
    _paid, _vested, held, lapsed = course[-1]
    assert paid + held + lapsed == earned
    assert held >= 0 and lapsed >= 0


@given(
    st.lists(cents(-300_000, 3_000_000), min_size=1, max_size=6),
    bonus_terms(),
    draw_terms(),
    st.integers(0, 100),
    st.integers(0, 6),
)
def test_replay_with_a_loyalty_share(credits, terms, draw, share, vesting):
    """The draw applies to the bonus without the share, and to what vests."""
    states = ["holding" if n < vesting else "vested" for n, _c in enumerate(credits)]
    facts = [
        pc.CreditMonth(
            date(2026, 7 + n, 1),
            credit,
            terms,
            draw,
            loyalty_share=Decimal(share),
            loyalty_state=states[n],
        )
        for n, credit in enumerate(credits)
    ]
    course = pc.replay(facts)
    tiers = [(tier.start, tier.end, tier.factor) for tier in terms.tiers]
    quota = terms.monthly_quota * terms.quota_months
    bonus = oracle.half_year_bonus(terms.rate, quota, tiers, credits, 2)
    months = [
        (amount, share, state) for amount, state in zip(bonus, states, strict=True)
    ]
    loyalty = oracle.loyalty_course(months, 2)
    due = [paid + vested for paid, vested, _held, _lapsed in loyalty]
    paid = oracle.draw_course(due, draw.draw, draw.recovery_rate, 0, 2)
    assert [(month.paid.amount, month.balance) for month in course] == paid
    assert [month.standing.loyalty_held for month in course] == [r[2] for r in loyalty]


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)))
@example(date(2024, 2, 29))
@example(date(2024, 3, 1))
def test_twelve_months(first_day):
    assert pc.vesting_day(first_day) == oracle.twelve_months_later(first_day)


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.none() | st.integers(0, 40)),
        min_size=1,
        max_size=4,
    ),
    st.integers(0, 120),
)
def test_employment_without_a_break(spans, number):
    first = date(2025, 1, 1)
    days = [
        (
            first + timedelta(start),
            None if length is None else first + timedelta(start + length),
        )
        for start, length in spans
    ]
    day = first + timedelta(number)
    expected = oracle.first_day_without_a_break(days, day)
    assert pc.employment_start(days, day) == expected


@pytest.mark.parametrize(
    ("month_end", "last_day", "is_own", "state"),
    [
        (date(2026, 5, 31), None, False, "holding"),
        (date(2026, 6, 30), None, False, "vested"),
        # The twelfth month is complete on 15 June.
        (date(2026, 6, 30), date(2026, 6, 14), True, "lapsed"),
        (date(2026, 6, 30), date(2026, 6, 15), True, "vested"),
        (date(2026, 6, 30), date(2026, 6, 14), False, "vested"),
        (date(2025, 9, 30), date(2025, 9, 30), False, "vested"),
        (date(2025, 9, 30), date(2025, 10, 31), True, "holding"),
        # Months after the end stay what the end decided.
        (date(2027, 1, 31), date(2026, 3, 31), True, "lapsed"),
    ],
)
def test_states(month_end, last_day, is_own, state):
    assert pc.loyalty_state(HIRED, month_end, last_day, is_own) == state


def test_a_year_of_pay():
    """A tenth of 50,000 a month; five months later twelve months are complete."""
    terms = pc.AgreementTerms(Decimal(100000), Decimal(1000000))
    plan = pc.PlanTerms(pc.PayMix(50, 0, 50), loyalty_share=Decimal(10))
    standing, totals = pc.START, []
    for number in range(6):
        month = pc.add_months(date(2026, 1, 1), number)
        end = pc.add_months(month, 1) - timedelta(days=1)
        facts = pc.MonthFacts(
            month,
            plan,
            terms,
            pc.MonthDays(20, 20, 20),
            Decimal(1000000),
            standing,
            loyalty_state=pc.loyalty_state(HIRED, end),
        )
        pay = pc.month_pay(facts)
        standing = pay.standing
        totals.append(pay.statement.total_amount)
        kinds = [line.kind for line in pay.statement.lines]
        assert kinds.count("loyalty") == (number < 5)
        assert kinds.count("vesting") == (number == 5)
        assert sum(line.amount for line in pay.statement.lines) == totals[-1]
    assert totals == [Decimal(95000)] * 5 + [Decimal(125000)]
    assert (standing.loyalty_held, standing.loyalty_lapsed) == (0, 0)


def test_what_if_says_what_is_held():
    terms = pc.AgreementTerms(Decimal(200000), Decimal(2000000))
    plan = pc.PlanTerms(pc.PayMix(50, 0, 50), loyalty_share=Decimal(15))
    level = pc.what_if(plan, terms, Decimal(120))
    assert (level.bonus, level.held) == (Decimal(120000), Decimal(18000))
    assert pc.what_if(replace(plan, loyalty_share=0), terms, Decimal(120)).held == 0


def test_refusals():
    with pytest.raises(pc.RangeError):
        pc.PlanTerms(pc.PayMix(50, 0, 50), loyalty_share=Decimal("100.01"))
    with pytest.raises(pc.NegativeAmountError):
        pc.Loyalty(held_before=Decimal(-1))
    with pytest.raises(pc.LoyaltyStateError):
        pc.Loyalty(state="kept")


# --- credits that wait for documents -------------------------------------------


def months_by_paycalc(lines, lacking, last):
    """Sort the lines of each month with ``sort_credits``."""
    counted, waiting = {}, ()
    for month in range(1, last + 1):
        rows = [
            *(replace(row, is_waiting=True) for row in waiting),
            *(
                pc.BoundCredit(line, invoice, Decimal(amount))
                for line, invoice, of_month, amount in lines
                if of_month == month
            ),
        ]
        missing = {invoice for invoice, of_month in lacking if of_month == month}
        found = pc.sort_credits(rows, missing)
        assert found.amount + sum(row.amount for row in found.held) == sum(
            row.amount for row in rows
        )
        waiting = found.held
        counted.update((row.key, None) for row in waiting)
        counted.update((row.key, month) for row in (*found.counted, *found.released))
    return counted


@given(bound_lines())
def test_held_credits_equal_the_oracle(case):
    lines, lacking = case
    expected = crediting.counting_months(lines, lacking, 4)
    assert months_by_paycalc(lines, lacking, 4) == expected


@given(bound_lines())
def test_every_credit_counts_once_in_the_end(case):
    lines, lacking = case
    counted = months_by_paycalc(lines, lacking, 5)
    assert set(counted) == {row[0] for row in lines}
    assert None not in counted.values()


def test_a_clawback_isnt_held():
    """The credit counted; its document expired since, and it is reversed."""
    back = pc.BoundCredit(2, "INV/1", Decimal(-500))
    found = pc.sort_credits([back], {"INV/1"})
    assert (found.counted, found.held) == ((back,), ())
