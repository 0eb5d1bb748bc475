"""Days that one weekly report covers.

A report covers a week from Monday to Sunday. Pay is monthly, so a report never crosses
the end of a month: a week that does is split there, and a part with two workdays or
fewer is added to the neighboring report of the same month.

>>> from datetime import date
>>> [(a.day, b.day) for a, b in month_reports(date(2026, 11, 1))]
[(1, 8), (9, 15), (16, 22), (23, 30)]
>>> report_days(date(2026, 11, 30))
(datetime.date(2026, 11, 23), datetime.date(2026, 11, 30))
"""

from calendar import monthrange
from datetime import date, timedelta

#: A part of a week with fewer workdays isn't a report of its own.
LEAST_WORKDAYS = 3
SATURDAY = 5


def month_reports(day):
    """Return first and last day of every report in the month of ``day``, in order."""
    weeks = list(_cut_weeks(day))
    if len(weeks) > 1 and _workdays(*weeks[0]) < LEAST_WORKDAYS:
        weeks[:2] = [(weeks[0][0], weeks[1][1])]
    if len(weeks) > 1 and _workdays(*weeks[-1]) < LEAST_WORKDAYS:
        weeks[-2:] = [(weeks[-2][0], weeks[-1][1])]
    return weeks


def report_days(day):
    """Return first and last day of the report that covers ``day``."""
    return next(span for span in month_reports(day) if span[0] <= day <= span[1])


def reports_between(date_from, date_to):
    """Return first and last day of every report with a day in the span, in order."""
    spans = []
    day = date_from
    while day <= date_to:
        spans.append(report_days(day))
        day = spans[-1][1] + timedelta(days=1)
    return spans


def _cut_weeks(day):
    first = day.replace(day=1)
    last = day.replace(day=monthrange(day.year, day.month)[1])
    while first <= last:
        sunday = min(first + timedelta(days=6 - first.weekday()), last)
        yield first, sunday
        first = sunday + timedelta(days=1)


def _workdays(first, last):
    days = (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))
    return sum(day.weekday() < SATURDAY for day in days)
