"""Months, seasons and half-years as plain dates (docs/pay.md, 1).

Half-years and seasons are counted from the first month of the company's year, 1 to 12;
January by default.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from .errors import PeriodError

MONTHS_OF_HALF_YEAR = 6
JANUARY = 1


def month_start(day: date) -> date:
    """Return the first day of the month of ``day``."""
    return day.replace(day=1)


def add_months(month: date, count: int) -> date:
    """Return the first day of the month ``count`` months after that of ``month``.

    >>> add_months(date(2026, 11, 1), 3)
    datetime.date(2027, 2, 1)
    """
    years, index = divmod(month.month - 1 + count, 12)
    return date(month.year + years, index + 1, 1)


def check_year_month(year_month: int) -> int:
    """Return ``year_month`` if it is a month, 1 to 12.

    :raises PeriodError: for any other value
    """
    if year_month not in range(1, 13):
        raise PeriodError(problem=f"A year can't begin with month {year_month}")
    return year_month


def period_start(day: date, months: int, year_month: int = JANUARY) -> date:
    """Return the first day of the period of ``months`` months that includes ``day``.

    Periods are counted from the first month of the year, so ``months`` divides 12.

    :param year_month: first month of the company's year, 1 to 12
    :raises PeriodError: if a year can't be divided into such periods

    >>> period_start(date(2027, 2, 10), 12, 4)
    datetime.date(2026, 4, 1)
    """
    if months not in (1, 2, 3, 4, 6, 12):
        raise PeriodError(problem=f"A year can't be cut into parts of {months} months")
    passed = (day.month - check_year_month(year_month)) % 12 % months
    return add_months(day, -passed)


def half_year(day: date, year_month: int = JANUARY) -> date:
    """Return the first day of the half-year of ``day``.

    Bonus credits are cumulative from this day (docs/pay.md, 4).

    :param year_month: first month of the company's year, 1 to 12

    >>> half_year(date(2026, 11, 23))
    datetime.date(2026, 7, 1)
    >>> half_year(date(2026, 11, 23), 4)
    datetime.date(2026, 10, 1)
    """
    return period_start(day, MONTHS_OF_HALF_YEAR, year_month)


def season_months(
    day: date, months: int = 3, year_month: int = JANUARY
) -> tuple[date, ...]:
    """Return the months of the season of ``day``, a quarter by default.

    :param year_month: first month of the company's year, 1 to 12

    >>> [month.month for month in season_months(date(2026, 11, 23))]
    [10, 11, 12]
    >>> [month.month for month in season_months(date(2026, 11, 23), 4, 4)]
    [8, 9, 10, 11]
    """
    start = period_start(day, months, year_month)
    return tuple(add_months(start, count) for count in range(months))


def is_season_end(day: date, months: int = 3, year_month: int = JANUARY) -> bool:
    """Return whether ``day`` is in the month in which goal pay is paid."""
    return month_start(day) == season_months(day, months, year_month)[-1]


@dataclass(frozen=True, slots=True)
class Years:
    """Half-years of a company, including changes of the first month of its year.

    A change is valid from the first of a month. A half-year that would include this day
    ends the day before, and the rest of the new half-year is shorter.

    :param starts: (valid from, first month of the year) pairs in order; the first one
        also applies before its date

    >>> years = Years(((date(2020, 1, 1), 1), (date(2027, 1, 1), 4)))
    >>> [str(years.half_year(date(2026 + m // 12, m % 12 + 1, 1))) for m in (11, 12, 15)]
    ['2026-07-01', '2027-01-01', '2027-04-01']
    >>> years.months_of_half_year(date(2027, 2, 1))
    3
    """

    starts: tuple[tuple[date, int], ...] = ((date.min, JANUARY),)

    def __post_init__(self):
        if not self.starts or list(self.starts) != sorted(self.starts):
            raise PeriodError(problem="The years don't follow each other")
        for _valid_from, month in self.starts:
            check_year_month(month)

    def year_month(self, day: date) -> int:
        """Return the first month of the year that is valid on ``day``."""
        return self._entry(day)[1]

    def _entry(self, day: date) -> tuple[date, int]:
        valid = [entry for entry in self.starts[1:] if entry[0] <= day]
        return valid[-1] if valid else (date.min, self.starts[0][1])

    def half_year(self, day: date) -> date:
        """Return the first day of the half-year of ``day``."""
        valid_from, month = self._entry(day)
        return max(half_year(day, month), valid_from)

    def next_half_year(self, day: date) -> date:
        """Return the first day after the half-year of ``day``."""
        after = add_months(half_year(day, self.year_month(day)), MONTHS_OF_HALF_YEAR)
        changes = [valid_from for valid_from, _m in self.starts[1:] if valid_from > day]
        return min([after, *changes])

    def months_passed(self, day: date) -> int:
        """Return the number of months of the half-year before that of ``day``."""
        return _months_between(self.half_year(day), day)

    def months_of_half_year(self, day: date) -> int:
        """Return how many months the half-year of ``day`` has: 6 unless it was cut."""
        return _months_between(self.half_year(day), self.next_half_year(day))


def _months_between(first: date, last: date) -> int:
    return 12 * (last.year - first.year) + last.month - first.month


CALENDAR_YEARS = Years()


def check_month(month: date) -> date:
    """Return ``month`` if it is the first day of a month.

    :raises PeriodError: for any other day
    """
    if month.day != 1:
        raise PeriodError(problem=f"{month} is not the first day of a month")
    return month


def months_after(day: date, count: int) -> date:
    """Return the last day of the ``count`` months that start the day after ``day``.

    If ``day`` is the end of a month, the result is the end of a month as well.

    >>> months_after(date(2026, 2, 14), 6)
    datetime.date(2026, 8, 14)
    >>> months_after(date(2026, 2, 28), 6)
    datetime.date(2026, 8, 31)
    >>> months_after(date(2026, 2, 14), 0)
    datetime.date(2026, 2, 14)
    """
    first = day + timedelta(days=1)
    month = add_months(first, count)
    try:
        following = month.replace(day=first.day)
    except ValueError:
        following = add_months(month, 1)
    return following - timedelta(days=1)
