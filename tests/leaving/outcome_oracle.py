"""Slow and plain outcome of a handover, from what it promises and not from the SQL.

Twelve months before the first day of the incoming manager, twelve months from it as far
as they are over, and the same days a year earlier.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from dateutil.relativedelta import relativedelta
from pytz import timezone, utc

DAY = timedelta(days=1)
YEAR = relativedelta(years=1)


class Sale(NamedTuple):
    """An invoice line, with the day of the order it is for."""

    day: date
    amount: Decimal
    ordered: date | None = None


class Order(NamedTuple):
    day: date
    amount: Decimal


class Contact(NamedTuple):
    kind: str
    user: int
    person: int | None
    moment: datetime


def local(moment, zone):
    return utc.localize(moment).astimezone(timezone(zone)).date()


def days(first, last):
    return [first + DAY * number for number in range((last - first).days + 1)]


def tell(start, now, zone, sales, orders, contacts, scores):
    """Return the expected values of a row, by the name of the field.

    :param date start: first day of the incoming manager
    :param dict scores: score by the day from which it holds
    """
    today = local(now, zone)
    is_complete = today + DAY >= start + YEAR
    last = start + YEAR - DAY if is_complete else today
    same = start - DAY if is_complete else min(today - YEAR, start - DAY)
    periods = {
        "before": days(start - YEAR, start - DAY),
        "same": days(start - YEAR, same),
        "after": days(start, last),
    }
    told = {
        "months": sum(
            start + relativedelta(months=n) <= today + DAY for n in range(1, 13)
        ),
        "is_complete": is_complete,
        "date_since": start - YEAR,
        "date_same": same,
        "date_until": last,
    }
    for name, span in periods.items():
        told |= _tell_period(name, set(span), now, zone, sales, orders, contacts)
    for name in ("before", "after"):
        known = [_score(scores, day) for day in periods[name]]
        known = [score for score in known if score is not None]
        told[f"has_health_{name}"] = bool(known)
        told[f"health_{name}"] = sum(known) / len(known) if known else 0
    since = [sale for sale in sales if sale.day in set(periods["after"])]
    told["revenue_earlier"] = sum(
        s.amount for s in since if s.ordered and s.ordered < start
    )
    told["revenue_new"] = sum(
        s.amount for s in since if s.ordered and s.ordered >= start
    )
    told["revenue_other"] = sum(s.amount for s in since if not s.ordered)
    return told


def _tell_period(name, span, now, zone, sales, orders, contacts):
    seen = [
        one for one in contacts if one.moment <= now and local(one.moment, zone) in span
    ]
    told = {
        f"revenue_{name}": sum(sale.amount for sale in sales if sale.day in span),
        f"ordered_{name}": sum(order.amount for order in orders if order.day in span),
        f"contact_days_{name}": len({local(one.moment, zone) for one in seen}),
        f"client_people_{name}": len({one.person for one in seen if one.person}),
        f"our_people_{name}": len({one.user for one in seen}),
    }
    if name != "same":
        for kind in ("meeting", "call", "mail", "order", "document"):
            of_kind = {local(one.moment, zone) for one in seen if one.kind == kind}
            told[f"{kind}_days_{name}"] = len(of_kind)
    return told


def _score(scores, day):
    before = [known for known in scores if known <= day]
    return scores[max(before)] if before else None
