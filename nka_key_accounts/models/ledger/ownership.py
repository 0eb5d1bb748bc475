"""Who is credited for an order, by the day it was won and the day it is credited.

Plain Python. Assignments say who owned an account on the day of the order; a handover
with a split gives orders won before it to both for some days, then to the receiver.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

FIRST_DAY, LAST_DAY = date.min, date.max
ONE_DAY = timedelta(days=1)
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Owner:
    """A person's share of an account's orders, from a day to a day, both included."""

    user_id: int
    share: Decimal
    date_from: date
    date_to: date


@dataclass(frozen=True, slots=True)
class Split:
    """A handover with a split of credit for orders won before its first day.

    :param date: first day of the receiver
    :param share: percent of their part that the giver keeps
    :param days: for how many days; after them the receiver has all of it
    """

    giver_id: int
    receiver_id: int
    date: date
    share: Decimal
    days: int

    @property
    def end(self) -> date:
        """First day on which the receiver has all of it."""
        return self.date + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Part:
    """One beneficiary's part of what is credited between two days, for orders of a
    span of days; ``position`` orders the beneficiaries, the last takes the remainder.
    """

    order_from: date
    order_to: date
    event_from: date
    event_to: date
    user_id: int
    percent: Decimal
    position: int
    count: int


def credit_parts(owners: Iterable[Owner], splits: Iterable[Split] = ()) -> list[Part]:
    """Cut the days of one account into stretches with the same beneficiaries.

    :param owners: assignments of the account; shares of a day total 100
    :param splits: its handovers with a split, in any order
    """
    owners = list(owners)
    splits = sorted(
        (split for split in splits if split.days > 0), key=lambda split: split.date
    )
    return [
        part
        for first, last in _order_spans(owners, splits)
        for part in _parts_of(first, last, owners, splits)
    ]


def _order_spans(owners, splits):
    starts = {owner.date_from for owner in owners}
    starts |= {_after(owner.date_to) for owner in owners if owner.date_to < LAST_DAY}
    starts |= {split.date for split in splits}
    return _spans(starts)


def _after(day):
    return day + ONE_DAY


def _spans(starts):
    ordered = sorted(starts)
    ends = [start - ONE_DAY for start in ordered[1:]] + [LAST_DAY]
    return zip(ordered, ends, strict=True)


def _parts_of(first, last, owners, splits):
    shares = _shares_on(first, owners)
    if not shares:
        return []
    later = [split for split in splits if split.date > first]
    starts = {FIRST_DAY} | {day for split in later for day in (split.date, split.end)}
    return [
        Part(first, last, start, end, user_id, percent, position, count)
        for start, end in _spans(starts)
        for position, count, user_id, percent in _ranked(
            _after_splits(shares, later, start)
        )
    ]


def _shares_on(day, owners):
    shares = {}
    for owner in owners:
        if owner.date_from <= day <= owner.date_to:
            shares[owner.user_id] = shares.get(owner.user_id, 0) + owner.share
    return shares


def _after_splits(shares, splits, day):
    """Shares on the day of an event, after the handovers that had happened."""
    shares = dict(shares)
    for split in splits:
        if split.date <= day and split.giver_id in shares:
            given = shares.pop(split.giver_id)
            kept = given * split.share / HUNDRED if day < split.end else Decimal(0)
            _add(shares, split.giver_id, kept)
            _add(shares, split.receiver_id, given - kept)
    return shares


def _add(shares, user_id, percent):
    if percent:
        shares[user_id] = shares.get(user_id, 0) + percent


def _ranked(shares):
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    return [
        (position, len(ordered), user_id, percent)
        for position, (user_id, percent) in enumerate(ordered)
    ]
