"""Who is credited for an order, by the day it was won and the day it is credited.

Plain Python. Assignments define who owned an account on the order date. A handover with
a split credits earlier orders to both managers for some days, then to the incoming
manager. After an agreement ends, its terms decide what the leaver still gets
(:mod:`.terms`); the rest goes to the successor, who is the owner on the crediting date,
or to no one. The outgoing manager's part of a split is theirs in any case.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

from ...paycalc import BASES, rnd
from .terms import FIRST_DAY, LAST_DAY, ONE_DAY, Absence

HUNDRED = Decimal(100)
#: User id for parts that no one gets, so that the other parts are unchanged.
NOBODY = 0


@dataclass(frozen=True, slots=True)
class Owner:
    """A person's share of an account's orders in a period, both days included."""

    user_id: int
    share: Decimal
    date_from: date
    date_to: date


@dataclass(frozen=True, slots=True)
class Split:
    """A handover with a split of credit for orders won before its first day.

    :param date: first day of the incoming manager
    :param share: percentage of their part that the outgoing manager keeps
    :param days: number of days of the split; then the incoming manager has everything
    """

    giver_id: int
    receiver_id: int
    date: date
    share: Decimal
    days: int

    @property
    def end(self) -> date:
        """Return the first day on which the incoming manager has everything."""
        return self.date + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Part:
    """A beneficiary's part of what is credited in a period, for orders of a period.

    ``position`` is the order of the beneficiaries; the last one gets the remainder. If
    ``basis`` is set, the part applies to that basis only, and to invoices of a period:
    on which basis they were credited to a leaver.
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
    """Split the days of an account into periods with the same beneficiaries.

    :param owners: assignments of the account; the shares of a day total 100
    :param splits: its handovers with a split, in any order
    :param absences: periods after the end of an agreement, by user id
    :param basis: basis the parts are for; a successor gets a leaver's part on the basis
        of the invoice date, so that no invoice is credited on both
    """
    return _Account(owners, splits, absences, basis).parts()


def parts_by_basis(owners, splits, absences):
    """Return :func:`credit_parts` for every basis, or just once without leavers."""
    account = _Account(owners, splits, absences)
    if not account.absences:
        return account.parts()
    return [
        part
        for basis in BASES
        for part in credit_parts(owners, splits, absences, basis)
    ]


def divide(amount: Decimal, parts: Iterable[Part], digits: int) -> dict[int, Decimal]:
    """Return each beneficiary's part of an amount that is credited as a whole.

    Parts are rounded up to the running total, and the last one gets the remainder, as
    in the ledger.

    :param parts: those of one day and one order
    :return: amounts by user id

    >>> FIRST, LAST = date.min, date.max
    >>> parts = [
    ...     Part(FIRST, LAST, FIRST, LAST, user, Decimal(share), number, 2)
    ...     for number, (user, share) in enumerate([(7, "66.67"), (8, "33.33")])
    ... ]
    >>> divide(Decimal("0.05"), parts, 2)
    {7: Decimal('0.03'), 8: Decimal('0.02')}
    """
    whole, sign = abs(amount), -1 if amount < 0 else 1
    divided, running, before = {}, Decimal(0), Decimal(0)
    for part in sorted(parts, key=lambda part: part.position):
        running += rnd(whole * part.percent / HUNDRED, digits)
        is_last = part.position == part.count - 1
        cut = whole if is_last else min(running, whole)
        divided[part.user_id] = divided.get(part.user_id, 0) + sign * (cut - before)
        before = cut
    return divided


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
        """Return first days on which invoices counted for leavers on a new basis."""
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
        """Return the days on which the shares change."""
        ends = {owner.date_to for owner in self.owners} - {LAST_DAY}
        return {owner.date_from for owner in self.owners} | set(map(_after, ends))

    def _stretches(self, order_day, invoice_day):
        """Return first day, last day and shares, for money of orders won on a day."""
        if not self._shares_on(order_day):
            return []
        rows = []
        for first, last in _spans(self._event_starts(order_day)):
            shares = self._beneficiaries(order_day, first, invoice_day)
            if rows and rows[-1][2] == shares:
                # Extend the period while the shares are unchanged.
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
        """Return percentages by person of what is received on a day for an order."""
        own, kept = self._after_splits(order_day, day)
        for user_id, percent in own.items():
            for receiver, part in self._receivers(
                user_id, percent, order_day, day, invoice_day
            ):
                _add(kept, receiver, part)
        return kept

    def _after_splits(self, order_day, day):
        """Return the shares after past handovers, and what splits leave to
        outgoing managers.
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
        """Return who gets a person's part: themselves, their successors or no one."""
        absence = self._absence(user_id, day)
        if not absence or absence.counts(order_day, day):
            return [(user_id, percent)]
        if not absence.has_successor or order_day >= absence.date_from:
            return [(NOBODY, percent)]
        if self.basis and absence.basis_on(invoice_day) != self.basis:
            return [(NOBODY, percent)]
        return self._successors(percent, order_day, day)

    def _successors(self, percent, order_day, day):
        """Return owners on the crediting date who aren't leavers, and the rest."""
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
    """Return (person, percent, position, count), largest first.

    What no one gets is last, so that its rounding remainder doesn't go to a person.
    """
    ordered = sorted(
        shares.items(), key=lambda item: (item[0] == NOBODY, -item[1], item[0])
    )
    return [
        (user_id, percent, position, len(ordered))
        for position, (user_id, percent) in enumerate(ordered)
    ]
