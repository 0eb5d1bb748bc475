"""On which basis, and on which days, a person is credited.

Plain Python. An invoice is credited to a person on one basis only: the one in force for
them on the invoice date. So a change of basis can't pay an invoice twice or lose it.
Nothing is credited before a person's first agreement. After the end of the last one,
:mod:`.ownership` applies its terms.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from operator import attrgetter

from ...paycalc import months_after

FIRST_DAY, LAST_DAY = date.min, date.max
ONE_DAY = timedelta(days=1)
LEAVER, NOBODY = "leaver", "nobody"


@dataclass(frozen=True, slots=True)
class CreditTerms:
    """Basis of a person's bonus during one agreement, both days included.

    :param after_leaving: who is credited after it ends: ``leaver``, ``successor`` or
        ``nobody``
    :param leaver_months: for how many months the leaver is credited
    """

    user_id: int
    basis: str
    date_from: date
    date_to: date
    after_leaving: str = NOBODY
    leaver_months: int = 0


@dataclass(frozen=True, slots=True)
class Absence:
    """Days after an agreement without a next one, up to the next one.

    :param date_from: day after the last one of the agreement
    :param counts_to: last day on which earlier orders are credited to the leaver; the
        day before ``date_from`` if they aren't
    :param has_successor: whether they are then credited to the account's owner
    :param bases: (first day, basis) of each agreement with another basis, in order; the
        successor is credited for what the leaver would have been credited for
    """

    user_id: int
    date_from: date
    date_to: date
    counts_to: date
    has_successor: bool
    bases: tuple

    def covers(self, day: date) -> bool:
        """Return whether no agreement is in force on a day."""
        return self.date_from <= day <= self.date_to

    def counts(self, order_day: date, day: date) -> bool:
        """Return whether a leaver is still credited for an order paid on ``day``."""
        return order_day < self.date_from and day <= self.counts_to

    def basis_on(self, day: date) -> str:
        """Return the basis on which an invoice of a day was credited to the leaver."""
        started = [basis for first, basis in self.bases if first <= day]
        return started[-1] if started else self.bases[0][1]


def basis_spans(terms: Iterable[CreditTerms]) -> list[CreditTerms]:
    """Extend the terms of each person over all days.

    Days before the first agreement have its basis, and days after one keep that one's
    basis, so that invoices from before the agreement have a basis for later payments.
    """
    spans = []
    for rows in _by_person(terms):
        starts = [FIRST_DAY, *(row.date_from for row in rows[1:]), None]
        for row, (first, following) in zip(rows, pairwise(starts), strict=True):
            last = following - ONE_DAY if following else LAST_DAY
            spans.append(CreditTerms(row.user_id, row.basis, first, last))
    return spans


def counted_spans(terms: Iterable[CreditTerms]) -> list[CreditTerms]:
    """Return the days on which a person can be credited: from their first agreement on.

    A clawback for an invoice concerns the person it was credited to, even after they
    left.
    """
    return [
        CreditTerms(rows[0].user_id, rows[0].basis, rows[0].date_from, LAST_DAY)
        for rows in _by_person(terms)
    ]


def absences(terms: Iterable[CreditTerms]) -> dict[int, list[Absence]]:
    """Return the days after agreements without an immediate successor, by person.

    A change of terms from one agreement to the next isn't an end.
    """
    found = {rows[0].user_id: list(_absences_of(rows)) for rows in _by_person(terms)}
    return {user_id: rows for user_id, rows in found.items() if rows}


def _absences_of(rows):
    last, changes = rows[0], pairwise([None, *rows])
    bases = tuple(
        (row.date_from, row.basis)
        for before, row in changes
        if before is None or before.basis != row.basis
    )
    for row in rows[1:]:
        if row.date_from > _after(last.date_to):
            yield _absence(last, row.date_from - ONE_DAY, bases)
        last = max(last, row, key=attrgetter("date_to"))
    if last.date_to < LAST_DAY:
        yield _absence(last, LAST_DAY, bases)


def _by_person(terms):
    found = {}
    for row in sorted(terms, key=attrgetter("user_id", "date_from", "date_to")):
        found.setdefault(row.user_id, []).append(row)
    return found.values()


def _after(day):
    return day if day == LAST_DAY else day + ONE_DAY


def _absence(terms, date_to, bases):
    """Return the days after one agreement, up to ``date_to``."""
    months = terms.leaver_months if terms.after_leaving == LEAVER else 0
    return Absence(
        user_id=terms.user_id,
        date_from=_after(terms.date_to),
        date_to=date_to,
        counts_to=months_after(terms.date_to, months),
        has_successor=terms.after_leaving != NOBODY,
        bases=bases,
    )
