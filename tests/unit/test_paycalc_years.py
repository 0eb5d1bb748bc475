"""Half-years and seasons of years that begin in any month, compared with a slow method."""

from datetime import date
from decimal import Decimal

import paycalc as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import oracle

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
MONTHS = st.integers(1, 12)
LENGTHS = st.sampled_from((1, 2, 3, 4, 6, 12))


@given(DAYS, MONTHS)
def test_half_years(day, month):
    assert pc.half_year(day, month) == oracle.half_year_start(day, month)


@given(DAYS)
def test_january_unless_given(day):
    assert pc.half_year(day) == pc.half_year(day, 1)
    assert pc.half_year(day) == pc.CALENDAR_YEARS.half_year(day)
    assert pc.season_months(day) == pc.season_months(day, 3, 1)


@given(DAYS, LENGTHS, MONTHS)
def test_seasons(day, length, month):
    months = pc.season_months(day, length, month)
    assert months[0].month in oracle.season_starts(length, month)
    assert months[0] <= day.replace(day=1) <= months[-1]
    assert len(months) == length
    assert pc.is_season_end(months[-1], length, month)
    assert pc.is_season_end(day, length, month) == (day.replace(day=1) == months[-1])


def test_example_of_the_facts_page():
    """A fiscal year from April: April to September, October to March."""
    halves = {pc.half_year(date(2026, month, 9), 4).month for month in range(4, 10)}
    assert halves == {4}
    assert pc.half_year(date(2027, 3, 31), 4) == date(2026, 10, 1)
    quarters = [pc.season_months(date(2026, 5, 1), 3, 4)[0].month]
    assert quarters == [4]
    assert pc.season_months(date(2026, 2, 1), 12, 4)[0] == date(2025, 4, 1)


@pytest.mark.parametrize("month", [0, 13, -1])
def test_invalid_month(month):
    with pytest.raises(pc.PeriodError):
        pc.half_year(date(2026, 1, 1), month)
    with pytest.raises(pc.PeriodError):
        pc.Years(((date.min, month),))


@given(DAYS, MONTHS, MONTHS)
def test_change_affects_no_earlier_period(day, old, new):
    """It applies from a half-year on; earlier days keep their half-year, and every day
    has one.
    """
    changed = pc.Years(((date.min, old),)).next_half_year(date(2030, 6, 15))
    years = pc.Years(((date.min, old), (changed, new)))
    start, after = years.half_year(day), years.next_half_year(day)
    assert start <= day < after
    assert years.half_year(pc.add_months(after, -1)) == start
    assert years.half_year(after) == after
    assert 1 <= years.months_of_half_year(day) <= 6
    assert years.months_passed(day) < years.months_of_half_year(day)
    if day < changed:
        assert start == pc.half_year(day, old)
    else:
        assert start == max(changed, pc.half_year(day, new))


def test_years_are_consecutive():
    with pytest.raises(pc.PeriodError):
        pc.Years(((date(2027, 1, 1), 4), (date(2026, 1, 1), 1)))


def test_credits_restart_with_the_half_year_of_the_company():
    """Tiers over a half-year: in a year from April, October begins at zero."""
    tiers = (pc.Tier(0, 100, 1), pc.Tier(100, None, 2))
    terms = pc.BonusTerms(Decimal("0.05"), Decimal(100), tiers, 1)
    facts = [
        pc.CreditMonth(
            date(2026, month, 1),
            Decimal(100),
            terms,
            half_year=pc.half_year(date(2026, month, 1), 4),
        )
        for month in range(6, 12)
    ]
    paid = {row.month.month: row.paid.amount for row in pc.replay(facts)}
    assert paid == {
        6: Decimal("5.00"),
        7: Decimal("10.00"),
        8: Decimal("10.00"),
        9: Decimal("10.00"),
        10: Decimal("5.00"),
        11: Decimal("10.00"),
    }


PARTS = st.sampled_from(("0", "0.25", "0.5", "1"))


@given(
    st.sets(st.integers(1, 28), min_size=1),
    st.sets(st.integers(1, 28)),
    st.sets(st.integers(1, 28)),
    st.dictionaries(st.integers(1, 28), st.tuples(PARTS, PARTS)),
    st.booleans(),
)
def test_days_of_a_month(scheduled, contract, reported, parts, deduct):
    """Fixed pay by the days counted by the slow method, without unpaid days."""
    leaves = [
        (day, part, is_unpaid)
        for day, (paid, unpaid) in parts.items()
        if Decimal(paid) + Decimal(unpaid) <= 1
        for part, is_unpaid in ((paid, False), (unpaid, True))
    ]
    counts = oracle.days_of_month(scheduled, contract, reported, leaves, deduct)
    whole, employed, covered = (
        Decimal(float(value)).quantize(Decimal("0.01")) for value in counts
    )
    pay = pc.fixed_pay(Decimal(80000), pc.MonthDays(whole, employed, covered))
    earned, _released, _held = oracle.fixed(80000, whole, employed, covered, 0, 2)
    assert pay.earned == earned
