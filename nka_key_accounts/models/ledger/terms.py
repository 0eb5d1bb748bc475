"""On which basis, and in which days, a person is credited.

Plain Python. An invoice is credited on one basis for a person: the one in force for them
on the invoice's own date. A change of basis can thus neither pay an invoice twice nor
lose one. Events outside the days of their agreements are not credited.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_DAY, LAST_DAY = date.min, date.max


@dataclass(frozen=True, slots=True)
class CreditTerms:
    """Basis of a person's bonus in the days of one agreement, both included."""

    user_id: int
    basis: str
    date_from: date
    date_to: date


def basis_spans(terms: Iterable[CreditTerms]) -> list[CreditTerms]:
    """Stretch the terms of each person over all days.

    Days before the first agreement count as its own, days after one as that one's,
    so that an invoice of before the agreement has a basis for what is paid on it.
    """
    spans = []
    for row in sorted(terms, key=lambda row: (row.user_id, row.date_from)):
        last = spans[-1] if spans else None
        if last and last.user_id == row.user_id:
            until = row.date_from - timedelta(days=1)
            spans[-1] = CreditTerms(last.user_id, last.basis, last.date_from, until)
            spans.append(CreditTerms(row.user_id, row.basis, row.date_from, LAST_DAY))
        else:
            spans.append(CreditTerms(row.user_id, row.basis, FIRST_DAY, LAST_DAY))
    return spans
