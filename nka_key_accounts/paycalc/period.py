"""Months, seasons and half-years as plain dates (docs/pay.md, 1)."""

from datetime import date, timedelta

from .errors import PeriodError

MONTHS_OF_HALF_YEAR = 6


def month_start(day: date) -> date:
    """Return the first day of the month of ``day``."""
    return day.replace(day=1)


def add_months(month: date, count: int) -> date:
    """Return the first of the month ``count`` months after that of ``month``.

    >>> add_months(date(2026, 11, 1), 3)
    datetime.date(2027, 2, 1)
    """
    years, index = divmod(month.month - 1 + count, 12)
    return date(month.year + years, index + 1, 1)


def period_start(day: date, months: int) -> date:
    """Return the first day of the period of ``months`` months around ``day``.

    Periods are counted from January, so ``months`` divides a year.

    :raises PeriodError: when a year can't be cut into such periods
    """
    if months not in (1, 2, 3, 4, 6, 12):
        raise PeriodError(problem=f"A year can't be cut into parts of {months} months")
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def half_year(day: date) -> date:
    """Return the first day of the calendar half-year of ``day``.

    Bonus credits add up from here (docs/pay.md, 4).

    >>> half_year(date(2026, 11, 23))
    datetime.date(2026, 7, 1)
    """
    return period_start(day, MONTHS_OF_HALF_YEAR)


def season_months(day: date, months: int = 3) -> tuple[date, ...]:
    """Return the months of the season of ``day``, a quarter by default.

    >>> [month.month for month in season_months(date(2026, 11, 23))]
    [10, 11, 12]
    """
    start = period_start(day, months)
    return tuple(add_months(start, count) for count in range(months))


def is_season_end(day: date, months: int = 3) -> bool:
    """Tell whether ``day`` lies in the month in which soft pay is paid."""
    return month_start(day) == season_months(day, months)[-1]


def check_month(month: date) -> date:
    """Return ``month`` when it is the first day of one, else refuse it."""
    if month.day != 1:
        raise PeriodError(problem=f"{month} is not the first day of a month")
    return month


def months_after(day: date, count: int) -> date:
    """Return the last day of the ``count`` months that begin on the day after ``day``.

    Whole months stay whole: after the end of a month they end with a month.

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
