"""The same pay calculation, slow and obvious: fractions and loops.

Written from docs/pay.md and sharing no code with the package, so that the two agree
only if both are right. Amounts are passed and returned as Decimal.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor


def half_up(value: Fraction, digits: int) -> Fraction:
    """Round halves away from zero."""
    unit = Fraction(1, 10**digits)
    steps = floor(abs(value) / unit + Fraction(1, 2))
    return steps * unit * (1 if value >= 0 else -1)


def money(value: Fraction, digits: int) -> Decimal:
    """Turn a fraction in whole smallest units into a Decimal."""
    units = value * 10**digits
    assert units.denominator == 1
    return Decimal(int(units)).scaleb(-digits)


def weigh(credits, quota, tiers) -> Fraction:
    """Fill one tier after the other until the credits are used up."""
    credits, weighted = Fraction(credits), Fraction(0)
    if credits < 0:
        return credits * Fraction(tiers[0][2])
    for start, end, factor in tiers:
        lower = Fraction(start) / 100 * Fraction(quota)
        if credits <= lower:
            break
        upper = credits
        if end is not None:
            upper = min(credits, Fraction(end) / 100 * Fraction(quota))
        weighted += (upper - lower) * Fraction(factor)
    return weighted


def half_year_bonus(rate, quota, tiers, credits, digits):
    """Return the bonus of each month: the cumulative bonus minus that of the months
    before.
    """
    so_far, given, months = Fraction(0), Fraction(0), []
    for credit in credits:
        so_far += Fraction(credit)
        to_date = half_up(Fraction(rate) * weigh(so_far, quota, tiers), digits)
        months.append(money(to_date - given, digits))
        given = to_date
    return months


def draw_course(earned, draw, recovery, balance, digits):
    """Return what is paid and the balance, for each month."""
    draw, recovery, owed = Fraction(draw), Fraction(recovery), Fraction(balance)
    course = []
    for amount in map(Fraction, earned):
        if amount < draw:
            paid = draw
            owed += draw - amount
        else:
            back = min(owed, half_up(recovery * (amount - draw), digits))
            paid = amount - back
            owed -= back
        course.append((money(paid, digits), money(owed, digits)))
    return course


def clawback(rate, quota, tiers, before, credits, pieces, digits):
    """Reverse a month in pieces, at its effective rate."""
    rate, before, credits = Fraction(rate), Fraction(before), Fraction(credits)
    top = rate * weigh(before + credits, quota, tiers)
    bottom = rate * weigh(before, quota, tiers)
    slope = (top - bottom) / credits
    taken, stands, amounts = Fraction(0), half_up(top, digits), []
    for piece in pieces:
        taken += Fraction(piece)
        now = half_up(top - slope * taken, digits)
        amounts.append(money(now - stands, digits))
        stands = now
    return amounts


def fixed(amount, scheduled, employed, covered, floor_amount, digits):
    """Return earned, released and held pay under hold_above_floor."""
    part = Fraction(employed) / Fraction(scheduled)
    earned = half_up(Fraction(amount) * part, digits)
    cover = Fraction(covered) / Fraction(employed) if employed else Fraction(1)
    least = min(earned, half_up(Fraction(floor_amount) * part, digits))
    released = max(half_up(earned * cover, digits), least)
    return tuple(money(v, digits) for v in (earned, released, earned - released))


def soft(pool, goals, threshold, cap, digits):
    """Return goal pay of goals given as (weight, direction, target, zero, actual)."""
    top, weights = Fraction(0), Fraction(0)
    for weight, direction, target, zero, actual in goals:
        target, actual = Fraction(target), Fraction(actual)
        if direction == "higher":
            attained = actual / target
        else:
            attained = (Fraction(zero) - actual) / (Fraction(zero) - target)
        if attained < Fraction(threshold) or attained < 0:
            attained = Fraction(0)
        attained = min(attained, Fraction(cap))
        top += Fraction(weight) * attained
        weights += Fraction(weight)
    return money(half_up(Fraction(pool) * top / weights, digits), digits)


def half_year_start(day, year_month):
    """Walk back from the month to the first month of its half-year."""
    begins = {year_month, (year_month + 6 - 1) % 12 + 1}
    year, month = day.year, day.month
    while month not in begins:
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    return date(year, month, 1)


def season_starts(months, year_month):
    """Return the calendar months in which seasons begin."""
    return {(year_month - 1 + count) % 12 + 1 for count in range(0, 12, months)}


def days_of_month(scheduled, contract, reported, leaves, deduct):
    """Return scheduled, employed and covered days, counted day by day.

    :param leaves: parts of days as (day, part, is unpaid)
    """
    employed = covered = Fraction(0)
    for day in scheduled:
        if day not in contract:
            continue
        off = sum((Fraction(p) for d, p, _u in leaves if d == day), Fraction(0))
        unpaid = sum((Fraction(p) for d, p, u in leaves if d == day and u), Fraction(0))
        counts = 1 - unpaid if deduct else Fraction(1)
        employed += counts
        if day in reported or off == 1:
            covered += counts
    return len(scheduled), employed, covered


def loyalty_course(months, digits):
    """Return what each month adds to the bonus, holds and lets lapse.

    :param months: (earned bonus, share in percent, state), one after the other
    :return: (paid of the month's bonus, vested, held after it, lapsed so far) by month
    """
    held, lapsed, course = Fraction(0), Fraction(0), []
    for earned, share, state in months:
        earned, vested = Fraction(earned), Fraction(0)
        kept = half_up(earned * Fraction(share) / 100, digits)
        if state == "vested":
            kept, vested, held = Fraction(0), held, Fraction(0)
        elif state == "holding":
            # A bad month reduces what was held, never below zero.
            kept = max(kept, -held)
            held += kept
        else:
            lapsed += held
            held = Fraction(0)
            kept = max(kept, -lapsed)
            lapsed += kept
        row = (earned - kept, vested, held, lapsed)
        course.append(tuple(money(value, digits) for value in row))
    return course


def twelve_months_later(first_day):
    """Count twelve months forward, day by day; return the last day of the twelfth."""
    year, month, day = first_day.year + 1, first_day.month, first_day.day
    following = date(year, 3, 1) if (month, day) == (2, 29) else date(year, month, day)
    return date.fromordinal(following.toordinal() - 1)


def first_day_without_a_break(spans, day):
    """Walk back from a day, one day at a time, to the first one of the employment.

    :param spans: first and last day of contracts and agreements; None if open-ended
    :param day: a day of the employment, or after its end
    """

    def is_employed(when):
        return any(
            first <= when and (last is None or when <= last) for first, last in spans
        )

    begun = min(first for first, _last in spans)
    while not is_employed(day) and day > begun:
        day = date.fromordinal(day.toordinal() - 1)
    while day > begun and is_employed(date.fromordinal(day.toordinal() - 1)):
        day = date.fromordinal(day.toordinal() - 1)
    return max(day, begun)
