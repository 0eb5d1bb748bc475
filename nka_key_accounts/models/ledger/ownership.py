"""Who is credited for an order, by the day it was won and the day it is credited.

Plain Python. Assignments say who owned an account on the day of the order; a handover
with a split gives orders won before it to both for some days, then to the receiver.
Whose agreement has ended keeps what their last terms leave them (:mod:`.terms`); the rest
is the successor's, the owner on the day of the money, or nobody's. The part that a split
leaves its giver is theirs in any case.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

from ...paycalc import BASES
from .terms import FIRST_DAY, LAST_DAY, ONE_DAY, Absence

HUNDRED = Decimal(100)
#: Stands for a person in parts that nobody gets, so that the others' parts stay theirs.
NOBODY = 0


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
    With a ``basis`` it holds for that one alone, and for invoices of some days: on which
    basis they credited who has left.
    """

    order_from: date
    order_to: date
    event_from: date
    event_to: date
    user_id: int
    percent: Decimal
    position: int
    count: int
    basis: str | None = None
    invoice_from: date = FIRST_DAY
    invoice_to: date = LAST_DAY


def credit_parts(
    owners: Iterable[Owner],
    splits: Iterable[Split] = (),
    absences: Mapping[int, list[Absence]] = MappingProxyType({}),
    basis: str | None = None,
) -> list[Part]:
    """Cut the days of one account into stretches with the same beneficiaries.

    :param owners: assignments of the account; shares of a day total 100
    :param splits: its handovers with a split, in any order
    :param absences: when somebody had no agreement any more, by person
    :param basis: what the parts are for; a successor gets what would have come to the one
        who left on the basis of the invoice's day, so that no invoice is credited on both
    """
    return _Account(owners, splits, absences, basis).parts()


def parts_by_basis(owners, splits, absences):
    """:func:`credit_parts` of every basis; the same for all where nobody has left."""
    account = _Account(owners, splits, absences)
    if not account.absences:
        return account.parts()
    return [
        part
        for basis in BASES
        for part in credit_parts(owners, splits, absences, basis)
    ]


class _Account:
    """Owners, handovers and leavers of one account."""

    def __init__(self, owners, splits, absences, basis=None):
        self.owners = list(owners)
        self.splits = sorted(
            (split for split in splits if split.days > 0), key=lambda split: split.date
        )
        people = {owner.user_id for owner in self.owners}
        people |= {split.receiver_id for split in self.splits}
        self.absences = {
            user_id: absences[user_id] for user_id in people if user_id in absences
        }
        self.basis = basis

    def parts(self):
        return [
            Part(order_from, order_to, event_from, event_to, *row, self.basis, *days)
            for days in _spans(self._invoice_starts())
            for order_from, order_to in _spans(self._order_starts())
            for event_from, event_to, shares in self._stretches(order_from, days[0])
            for row in _ranked(shares)
        ]

    def _invoice_starts(self):
        """First days of invoices that credited who has left on another basis."""
        starts = {
            first for row in self._all_absences() for first, _basis in row.bases[1:]
        }
        return {FIRST_DAY} | starts if self.basis else {FIRST_DAY}

    def _order_starts(self):
        starts = self._owner_changes() | {split.date for split in self.splits}
        return starts | {row.date_from for row in self._all_absences()}

    def _all_absences(self):
        return [row for rows in self.absences.values() for row in rows]

    def _owner_changes(self):
        """First days of other shares than the day before."""
        ends = {owner.date_to for owner in self.owners} - {LAST_DAY}
        return {owner.date_from for owner in self.owners} | set(map(_after, ends))

    def _stretches(self, order_day, invoice_day):
        """First day, last day and shares, for money of orders won on a day."""
        if not self._shares_on(order_day):
            return []
        rows = []
        for first, last in _spans(self._event_starts(order_day)):
            shares = self._beneficiaries(order_day, first, invoice_day)
            if rows and rows[-1][2] == shares:
                # what is divided goes on over days on which nothing changes
                first = rows.pop()[0]
            rows.append((first, last, shares))
        return rows

    def _event_starts(self, order_day):
        starts = {FIRST_DAY}
        for split in self._later_splits(order_day):
            starts |= {split.date, split.end}
        for row in self._all_absences():
            starts |= {row.date_from, _after(row.counts_to)}
            starts |= {_after(row.date_to)} if row.date_to < LAST_DAY else set()
        return starts | self._owner_changes() if self.absences else starts

    def _later_splits(self, order_day):
        return [split for split in self.splits if split.date > order_day]

    def _shares_on(self, day):
        shares = {}
        for owner in self.owners:
            if owner.date_from <= day <= owner.date_to:
                _add(shares, owner.user_id, owner.share)
        return shares

    def _beneficiaries(self, order_day, day, invoice_day):
        """Who gets which percent of what comes on ``day`` for an order."""
        own, kept = self._after_splits(order_day, day)
        for user_id, percent in own.items():
            for receiver, part in self._receivers(
                user_id, percent, order_day, day, invoice_day
            ):
                _add(kept, receiver, part)
        return kept

    def _after_splits(self, order_day, day):
        """Shares after the handovers that had happened, and what their splits left the
        givers.
        """
        own, kept = self._shares_on(order_day), {}
        for split in self._later_splits(order_day):
            if split.date <= day and split.giver_id in own | kept:
                given = own.pop(split.giver_id, 0) + kept.pop(split.giver_id, 0)
                left = given * split.share / HUNDRED if day < split.end else Decimal(0)
                _add(kept, split.giver_id, left)
                _add(own, split.receiver_id, given - left)
        return own, kept

    def _receivers(self, user_id, percent, order_day, day, invoice_day):
        """Whoever gets a person's part: they, their successors or nobody."""
        absence = self._absence(user_id, day)
        if not absence or absence.counts(order_day, day):
            return [(user_id, percent)]
        if not absence.has_successor or order_day >= absence.date_from:
            return [(NOBODY, percent)]
        if self.basis and absence.basis_on(invoice_day) != self.basis:
            return [(NOBODY, percent)]
        return self._successors(percent, order_day, day)

    def _successors(self, percent, order_day, day):
        """The owners on the day of the money, as far as they aren't gone themselves."""
        found, rest = [], percent
        for user_id, share in self._shares_on(day).items():
            absence = self._absence(user_id, day)
            if not absence or absence.counts(order_day, day):
                found.append((user_id, percent * share / HUNDRED))
                rest -= found[-1][1]
        return [*found, (NOBODY, rest)]

    def _absence(self, user_id, day):
        rows = self.absences.get(user_id, ())
        return next((row for row in rows if row.covers(day)), None)


def _after(day):
    return day + ONE_DAY


def _spans(starts):
    ordered = sorted(starts)
    ends = [start - ONE_DAY for start in ordered[1:]] + [LAST_DAY]
    return zip(ordered, ends, strict=True)


def _add(shares, user_id, percent):
    if percent:
        shares[user_id] = shares.get(user_id, 0) + percent


def _ranked(shares):
    """(person, percent, position, count): the largest first, what is nobody's last, for
    the remainder is a person's where there is one before it.
    """
    ordered = sorted(
        shares.items(), key=lambda item: (item[0] == NOBODY, -item[1], item[0])
    )
    return [
        (user_id, percent, position, len(ordered))
        for position, (user_id, percent) in enumerate(ordered)
    ]
