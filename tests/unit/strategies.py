"""Hypothesis strategies for amounts, tiers, terms, shares and days."""

from decimal import Decimal
from itertools import pairwise

import paycalc as pc
from hypothesis import strategies as st


def cents(low, high, digits=2):
    """Amounts from ``low`` to ``high``, in whole smallest units."""
    scale = 10**digits
    units = st.integers(low * scale, high * scale)
    return units.map(lambda n: Decimal(n).scaleb(-digits))


DIGITS = st.integers(0, 3)
CREDITS = cents(-3_000_000, 9_000_000)
SALES = cents(0, 9_000_000)
QUOTAS = cents(1, 3_000_000)
RATES = st.integers(0, 4 * 10**11).map(lambda n: Decimal(n).scaleb(-12))
FACTORS = st.sampled_from([Decimal(f) for f in ("0", "0.5", "1", "1.25", "2")])
PIECES = st.lists(CREDITS, min_size=1, max_size=6)


@st.composite
def tiers(draw, factors=FACTORS):
    """One to four tiers without gaps, the last one open-ended."""
    ends = draw(st.sets(st.integers(1, 250), max_size=3))
    starts = [0, *sorted(ends)]
    bounds = zip(starts, [*starts[1:], None], strict=True)
    return tuple(pc.Tier(start, end, draw(factors)) for start, end in bounds)


@st.composite
def bonus_terms(draw):
    """Any rate, quota and tiers."""
    months = draw(st.integers(1, 6))
    return pc.BonusTerms(draw(RATES), draw(QUOTAS), draw(tiers()), months)


@st.composite
def draw_terms(draw):
    """Any draw and recovery rate."""
    recovery = Decimal(draw(st.integers(0, 100))).scaleb(-2)
    return pc.DrawTerms(draw(cents(0, 100_000)), recovery)


@st.composite
def percents(draw, most=5):
    """Percentages with two decimals that add up to 100."""
    cuts = draw(st.lists(st.integers(0, 10_000), max_size=most - 1))
    bounds = [0, *sorted(cuts), 10_000]
    return [Decimal(b - a).scaleb(-2) for a, b in pairwise(bounds)]


@st.composite
def shares(draw):
    """Up to five beneficiaries, each with a percentage."""
    return tuple(enumerate(draw(percents())))


@st.composite
def month_days(draw):
    """Scheduled, employed and covered days, including halves."""
    scheduled = draw(st.integers(1, 46))
    employed = draw(st.integers(0, scheduled))
    covered = draw(st.integers(0, employed))
    halves = (Decimal(n) / 2 for n in (scheduled, employed, covered))
    return pc.MonthDays(*halves)


@st.composite
def goals(draw):
    """Goals with weights that add up to 100, and a measured value for each."""
    weights = [p for p in draw(percents(4)) if p]
    value = cents(0, 1000)
    outcomes = []
    for key, weight in enumerate(weights):
        target, direction = draw(cents(1, 500)), draw(st.sampled_from(pc.DIRECTIONS))
        zero = target + draw(cents(1, 500)) if direction == pc.LOWER else None
        goal = pc.Goal(key, weight, target, direction, zero)
        outcomes.append(pc.Outcome(goal, draw(value)))
    return tuple(outcomes)


@st.composite
def loyalty_months(draw):
    """Up to eight months: earned bonus, loyalty share in percent and its state.

    Once it has vested or lapsed, it stays so.
    """
    states = draw(st.lists(st.sampled_from([pc.HOLDING] * 6 + [pc.VESTED, pc.LAPSED])))
    course = []
    for state in [*states[:8], pc.HOLDING]:
        ended = next((row[2] for row in course if row[2] != pc.HOLDING), state)
        earned = draw(cents(-200_000, 200_000))
        share = Decimal(draw(st.integers(0, 10_000))).scaleb(-2)
        course.append((earned, share, ended))
    return course


@st.composite
def bound_lines(draw):
    """Ledger lines of up to three invoices over four months, and what lacks documents.

    :return: (line, invoice, month, amount) in order, and pairs of invoice and month
    """
    rows = draw(
        st.lists(
            st.tuples(st.integers(1, 3), st.integers(1, 4), cents(-500, 500, 0)),
            max_size=10,
        )
    )
    rows = sorted(rows, key=lambda row: row[1])
    lines = [(number, *row) for number, row in enumerate(rows, 1)]
    pairs = [(invoice, month) for invoice in (1, 2, 3) for month in (1, 2, 3, 4)]
    return lines, draw(st.sets(st.sampled_from(pairs)))
