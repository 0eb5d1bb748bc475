"""What a measure found out about one person: the value and what it came from."""

from dataclasses import dataclass, field
from decimal import Decimal

from odoo.tools import LazyTranslate, formatLang

from ..facts import calendars
from .border import plain

_lt = LazyTranslate(__name__)

#: Numbers behind a measured value, by the name they are kept under.
EVIDENCE = {
    "sales": _lt("Sales"),
    "invoices": _lt("Invoices"),
    "open": _lt("Open receivables"),
    "overdue": _lt("Of these overdue"),
    "count": _lt("Records counted"),
    "sum": _lt("Sum"),
}


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
            "values": {name: plain(value) for name, value in self.values.items()},
        }


@dataclass(frozen=True, slots=True)
class Span:
    """First and last day of a season, and the company whose days they are."""

    company: object
    date_from: object
    date_to: object

    def domain(self, model, fname):
        """Return the condition that a date or datetime field lies in the span.

        A company's day begins at midnight of its own working calendar.
        """
        return calendars.domain_days(
            model, fname, self.company, self.date_from, self.date_to
        )


def describe_evidence(env, evidence):
    """Say in the reader's language what a measured value is made of.

    :param dict evidence: of a goal, as :meth:`Measurement.evidence` returns it
    """
    values = (evidence or {}).get("values", {})
    return "; ".join(
        f"{env._(EVIDENCE[name])}: {shown(env, value)}"  # pylint: disable=translation-contains-variable
        for name, value in values.items()
        if name in EVIDENCE
    )


def shown(env, value):
    """A number as the reader writes it, without decimals where it has none."""
    number = float(value)
    return formatLang(env, number, 0 if number.is_integer() else 2)
