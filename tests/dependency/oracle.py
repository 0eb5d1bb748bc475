"""Slow and plain measure of who holds a client, from the rules and not from the SQL.

A day with contact of one kind counts once for a person: a meeting 5, a call or an order 3,
an approved document 2, an email or an approval 1. It counts twice as much if a decision
maker took part. The share is the part of the account's total in twelve months, rounded so
that all shares make 100; the revenue is divided in the same way.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from dateutil.relativedelta import relativedelta
from pytz import timezone, utc

POINTS = {"meeting": 5, "call": 3, "order": 3, "document": 2, "mail": 1, "approval": 1}


class Contact(NamedTuple):
    """One row of evidence."""

    account: int
    user: int
    kind: str
    moment: datetime
    decides: bool


class Row(NamedTuple):
    """What is held by one person in twelve months."""

    strength: int
    share: Decimal
    revenue: Decimal
    in_touch: bool
    last: datetime


def local(moment, zone):
    return utc.localize(moment).astimezone(timezone(zone)).date()


def month_of(day, back=0):
    return day.replace(day=1) - relativedelta(months=back)


def rounded(number, digits):
    step = Decimal(1).scaleb(-digits)
    exact = Decimal(abs(number).numerator) / Decimal(abs(number).denominator)
    found = exact.quantize(step, ROUND_HALF_UP)
    return -found if number < 0 else found


def measure(contacts, active, sales, now, zone):
    """Return the rows of all months of one company: by account, user and month.

    :param contacts: all :class:`Contact` with its clients
    :param active: ids of users with a login
    :param sales: pairs of day and amount, by account
    """
    today = local(now, zone)
    days = defaultdict(list)
    for one in contacts:
        if one.moment <= now:
            key = one.account, one.user, one.kind, local(one.moment, zone)
            days[key].append(one)
    seen = defaultdict(lambda: date.min)
    for _account, user, _kind, day in days:
        seen[user] = max(seen[user], day)
    rows = {}
    for back in range(13):
        month = month_of(today, back)
        for account in sales:
            rows |= _rows_of_month(
                account, month, back, days, active, seen, sales[account], now, zone
            )
    return rows


def _rows_of_month(account, month, back, days, active, seen, sales, now, zone):
    today = local(now, zone)
    first = month - relativedelta(months=11)
    last = month + relativedelta(months=1) - timedelta(days=1)

    def is_within(moment):
        if back:
            return first <= local(moment, zone) <= last
        return now - relativedelta(years=1) < moment <= now

    held = defaultdict(list)
    for (of, user, kind, _day), group in days.items():
        moment = max(one.moment for one in group)
        is_ours = user in active or (back and seen[user] >= month)
        if of == account and is_within(moment) and is_ours:
            points = POINTS[kind] * (2 if any(one.decides for one in group) else 1)
            held[user].append((points, kind, moment))
    if back:
        sold = [amount for day, amount in sales if first <= day <= last]
    else:
        begin = today - relativedelta(years=1)
        sold = [amount for day, amount in sales if begin < day <= today]
    return _divide(account, month, held, sum(map(Fraction, sold), Fraction(0)))


def _divide(account, month, held, revenue):
    strengths = {user: sum(unit[0] for unit in units) for user, units in held.items()}
    total, before, rows = sum(strengths.values()), 0, {}
    for user in sorted(strengths, key=lambda user: (-strengths[user], user)):
        upto = before + strengths[user]
        parts = [Fraction(end, total) for end in (before, upto)]
        share = [rounded(100 * part, 2) for part in parts]
        money = [rounded(revenue * part, 2) for part in parts]
        direct = [unit[2] for unit in held[user] if unit[1] != "approval"]
        rows[account, user, month] = Row(
            strengths[user],
            share[1] - share[0],
            money[1] - money[0],
            bool(direct),
            max(direct, default=None),
        )
        before = upto
    return rows
