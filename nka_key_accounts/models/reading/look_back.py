"""What a person read between two days, beside their own habit and their colleagues'."""

from datetime import date
from typing import NamedTuple


class DayRead(NamedTuple):
    day: date
    #: Number of records by kind.
    counts: dict
    read: int
    taken: int
    #: Own median of this weekday before the period; None with too few days.
    usual_read: float | None
    usual_taken: float | None


class LookBack(NamedTuple):
    """Totals of a person between two days.

    ``usual_*`` is the sum of the days' own medians, ``peers_*`` the median of the
    totals of others with the same role in the same days; None if there is none.
    """

    days: list
    read: int
    taken: int
    usual_read: float | None
    usual_taken: float | None
    peers_read: float | None
    peers_taken: float | None
    #: Number of others compared with.
    peers: int
