"""Slow and plain figures of a new manager, from what the report promises."""

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

DAY = timedelta(days=1)


class Order(NamedTuple):
    day: date
    amount: Decimal
    owner: str


class Month(NamedTuple):
    month: date
    state: str
    credits: Decimal
    quota: Decimal
    fixed: Decimal
    balance: Decimal


class Review(NamedTuple):
    day: date
    number: int
    verdict: str | None


class Cost(NamedTuple):
    amount: Decimal
    rate: Decimal


def three_seasons(start, seasons):
    """Return the last day of the season with the start and the two after it."""
    later = sorted(last for first, last in seasons if last >= start)
    if len(later) >= 3 and any(first <= start <= last for first, last in seasons):
        return later[2]
    quarter = date(start.year, 3 * ((start.month - 1) // 3) + 1, 1)
    day = quarter
    for _month in range(9):
        day = (day.replace(day=28) + 4 * DAY).replace(day=1)
    return day - DAY


def tell(person, start, seasons, orders, months, reviews, costs):
    """Return the expected values of a row, by the name of the field."""
    last = three_seasons(start, seasons)
    own = sorted(
        order.day
        for order in orders
        if order.owner == person and order.day >= start and order.amount > 0
    )
    first = own[0] if own else None
    locked = [
        month
        for month in months
        if month.state == "locked" and month.month >= start.replace(day=1)
    ]
    counted = [month for month in locked if month.month <= last]
    decided = [
        review
        for review in reviews
        if review.number == 1 and review.verdict and start <= review.day <= last
    ]
    credits = sum(month.credits for month in counted)
    quota = sum(month.quota for month in counted)
    fixed = sum(
        month.fixed for month in locked if first is None or month.month <= first
    )
    latest = max(locked, key=lambda month: month.month, default=None)
    draw = max(latest.balance, 0) if latest else 0
    entered = sum(round(cost.amount / cost.rate, 2) for cost in costs)
    passed = sum(review.verdict == "approved" for review in decided)
    return {
        "date_end": last,
        "order_days": (first - start).days if first else 0,
        "has_order": int(first is not None),
        "months": len(counted),
        "credits": credits,
        "quota": quota,
        "attainment": 100 * credits / quota if quota else 0,
        "document_count": len(decided),
        "document_passed": passed,
        "first_pass_rate": Decimal(100 * passed) / len(decided) if decided else 0,
        "entered_cost": entered,
        "fixed_cost": fixed,
        "draw_cost": draw,
        "cost": entered + fixed + draw,
    }
