"""What a measure found out about one person: the value and what it came from."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal

from pytz import timezone, utc


@dataclass(frozen=True, slots=True)
class Measurement:
    """One person's value of one measure over one span of days.

    :param actual: the measured value; None when there is nothing to measure
    :param values: the numbers behind it, by name
    :param model: name of the model whose records were counted
    :param ids: those records, when evidence was asked for
    """

    actual: Decimal | None = None
    values: dict = field(default_factory=dict)
    model: str = ""
    ids: tuple = ()

    def evidence(self):
        """Return what is kept with a frozen goal, as plain JSON."""
        return {
            "model": self.model,
            "ids": list(self.ids),
            "values": {name: _plain(value) for name, value in self.values.items()},
        }


@dataclass(frozen=True, slots=True)
class Span:
    """First and last day of a season, and the company whose days they are."""

    company: object
    date_from: object
    date_to: object

    def bounds(self):
        """Return the span as naive UTC datetimes, the end exclusive.

        A company's day begins at midnight of its own working calendar.
        """
        zone = timezone(self.company.sudo().resource_calendar_id.tz or "UTC")

        def at_midnight(day):
            local = zone.localize(datetime.combine(day, time.min))
            return local.astimezone(utc).replace(tzinfo=None)

        return at_midnight(self.date_from), at_midnight(
            self.date_to + timedelta(days=1)
        )

    def domain(self, model, fname):
        """Return the condition that a date or datetime field lies in the span."""
        if model._fields[fname].type == "date":
            return [(fname, ">=", self.date_from), (fname, "<=", self.date_to)]
        start, end = self.bounds()
        return [(fname, ">=", start), (fname, "<", end)]


def _plain(value):
    """A number as text without the zeros a database adds: 638567, 0.5."""
    text = f"{Decimal(value or 0):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
