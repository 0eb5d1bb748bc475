"""The arithmetic's formulas, reasons and labels in the reader's language."""

from odoo.tools import LazyTranslate

from ... import paycalc
from ..facts import calendars

_lt = LazyTranslate(__name__)

#: Formulas of the arithmetic, and of lines about leave.
FORMULAS = {
    **paycalc.FORMULAS,
    "leave.deduct": _lt(
        "{unpaid_days} of {scheduled_days} workdays are unpaid leave and not paid"
    ),
    "leave.leave_to_payroll": _lt(
        "{unpaid_days} of {scheduled_days} workdays are unpaid leave: paid here, and left "
        "to the company's salary rules"
    ),
    "leave.uncounted": _lt("{note}"),
}

#: Reasons of the arithmetic, and of the lines of a statement itself.
REASONS = {
    **paycalc.REASONS,
    **{f"leave.{code}": text for code, text in calendars.REASONS.items()},
    "no_advance": _lt("No advance is due and none is paid back."),
}


def _translated(env, text):
    return env._(text)  # pylint: disable=translation-contains-variable


def formula(env, code, values):
    """The calculation with its numbers; empty for an unknown code.

    :param dict values: the numbers as text
    """
    if code not in FORMULAS:
        return ""
    return _translated(env, FORMULAS[code]).format(**values)


def reason(env, code):
    """Why an amount is zero; empty when it isn't."""
    return _translated(env, REASONS[code]) if code in REASONS else ""


def label(env, name):
    """Name of an input."""
    known = paycalc.LABELS.get(name)
    return _translated(env, known.text) if known else name
