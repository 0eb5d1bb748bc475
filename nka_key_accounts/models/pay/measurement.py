"""What a measure found out about one person: the value and what it came from."""

from dataclasses import dataclass, field
from decimal import Decimal

from odoo.tools import LazyTranslate, formatLang

from ..facts import calendars, negotiations
from .border import plain

_lt = LazyTranslate(__name__)

#: Numbers behind a measured value, by the name they are kept under.
EVIDENCE = {
    "sales": _lt("Sales"),
    "invoices": _lt("Number of sales"),
    "open": _lt("Open receivables"),
    "overdue": _lt("Of which overdue"),
    "count": _lt("Records counted"),
    "left_out": _lt("Excluded"),
    "sum": _lt("Sum"),
}

#: Why a record doesn't count, by the word kept with a goal.
REASONS = {
    **negotiations.REASONS,
    "claimed": _lt("A supervisor hasn't confirmed its origin yet."),
    "rejected": _lt("A supervisor rejected its origin."),
    "no_origin": _lt("Its origin isn't recorded. Enter it."),
    "other_channel": _lt("Its origin isn't one of those that count."),
    "not_vip": _lt("It isn't marked as a VIP lead."),
    "of_others": _lt("Another person brought it in."),
    "draft": _lt("It isn't posted yet."),
    "cancel": _lt("It was cancelled."),
    "zero": _lt("Its amount is 0, so it isn't a sale."),
    "not_due": _lt("It isn't overdue."),
    "not_active": _lt("It is archived."),
    "not_company": _lt("It belongs to another company."),
    "not_condition": _lt("It doesn't match the filter of the KPI."),
}


@dataclass(frozen=True, slots=True)
class Measurement:
    """One person's value of one measure over one span of days.

    :param actual: the measured value; None when there is nothing to measure
    :param values: the numbers behind it, by name
    :param model: name of the model whose records were counted
    :param ids: those records, when evidence was asked for
    :param left_out: what doesn't count, as pairs of an id and a key of ``REASONS``
    """

    actual: Decimal | None = None
    values: dict = field(default_factory=dict)
    model: str = ""
    ids: tuple = ()
    left_out: tuple = ()

    @classmethod
    def of_judged(cls, model, judged, with_ids):
        """Count what has no reason not to count.

        :param list judged: pairs of an id and a reason, or None for what counts
        """
        counted = tuple(number for number, reason in judged if not reason)
        left = tuple((number, reason) for number, reason in judged if reason)
        values = {"count": len(counted)} if judged else {}
        if left:
            values["left_out"] = len(left)
        actual = Decimal(len(counted))
        return cls(actual, values, model, *((counted, left) if with_ids else ()))

    def evidence(self):
        """Return what is kept with a frozen goal, as plain JSON."""
        return {
            "model": self.model,
            "ids": list(self.ids),
            "left_out": [list(pair) for pair in self.left_out],
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


def describe_reason(env, reason):
    """Why a record doesn't count, in the reader's language."""
    return env._(REASONS[reason]) if reason in REASONS else ""  # pylint: disable=translation-contains-variable


def shown(env, value):
    """A number as the reader writes it, without decimals where it has none."""
    number = float(value)
    return formatLang(env, number, 0 if number.is_integer() else 2)
