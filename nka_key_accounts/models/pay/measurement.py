"""Result of measuring a KPI for one person: the value and the records behind it."""

from dataclasses import dataclass, field
from decimal import Decimal

from odoo.tools import LazyTranslate, formatLang

from ..facts import calendars, negotiations
from .border import plain

_lt = LazyTranslate(__name__)

#: Labels of the numbers stored with a measured value, by key.
EVIDENCE = {
    "sales": _lt("Sales"),
    "invoices": _lt("Number of sales"),
    "open": _lt("Open receivables"),
    "overdue": _lt("Of which overdue"),
    "count": _lt("Records counted"),
    "left_out": _lt("Excluded"),
    "sum": _lt("Sum"),
}

#: Reasons why a record doesn't count, by the key stored with a goal.
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
    """Value of one KPI for one person and one span of days.

    :param actual: the measured value; None if there is nothing to measure
    :param values: the numbers behind it, by key of ``EVIDENCE``
    :param model: name of the model whose records were counted
    :param ids: ids of the counted records, if evidence was requested
    :param left_out: records that don't count, as (id, key of ``REASONS``) pairs
    """

    actual: Decimal | None = None
    values: dict = field(default_factory=dict)
    model: str = ""
    ids: tuple = ()
    left_out: tuple = ()

    @classmethod
    def of_judged(cls, model, judged, with_ids):
        """Return the measurement that counts the records without a reason.

        :param str model: name of the model
        :param list judged: (id, reason) pairs; the reason is None for records that
            count
        :param bool with_ids: also store the ids and the reasons
        :rtype: Measurement
        """
        counted = tuple(number for number, reason in judged if not reason)
        left = tuple((number, reason) for number, reason in judged if reason)
        values = {"count": len(counted)} if judged else {}
        if left:
            values["left_out"] = len(left)
        actual = Decimal(len(counted))
        return cls(actual, values, model, *((counted, left) if with_ids else ()))

    def evidence(self):
        """Return what is stored with a frozen goal, as a dict for JSON."""
        return {
            "model": self.model,
            "ids": list(self.ids),
            "left_out": [list(pair) for pair in self.left_out],
            "values": {name: plain(value) for name, value in self.values.items()},
        }


@dataclass(frozen=True, slots=True)
class Span:
    """First and last day of a season, and the company whose calendar applies."""

    company: object
    date_from: object
    date_to: object

    def domain(self, model, fname):
        """Return the domain for a date or datetime field within the span.

        A day starts at midnight in the time zone of the company's working calendar.
        """
        return calendars.domain_days(
            model, fname, self.company, self.date_from, self.date_to
        )


def describe_evidence(env, evidence):
    """Return the numbers behind a measured value as text in the user's language.

    :param dict evidence: as returned by :meth:`Measurement.evidence`
    :rtype: str
    """
    values = (evidence or {}).get("values", {})
    return "; ".join(
        f"{env._(EVIDENCE[name])}: {shown(env, value)}"  # pylint: disable=translation-contains-variable
        for name, value in values.items()
        if name in EVIDENCE
    )


def describe_reason(env, reason):
    """Return why a record doesn't count, in the user's language; empty if unknown."""
    return env._(REASONS[reason]) if reason in REASONS else ""  # pylint: disable=translation-contains-variable


def shown(env, value):
    """Return a number in the user's format, without decimals if it is whole."""
    number = float(value)
    return formatLang(env, number, 0 if number.is_integer() else 2)
