"""How an amount was reached: inputs, formula and, for a zero, the reason.

A screen shows a result by its ``code``, its ``inputs`` and its ``amount``. The
texts here are the English source; a translation looks a text up by the same
stable key in ``FORMULAS``, ``REASONS`` or ``LABELS``. See docs/pay.md, 7.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from .money import CONTEXT

FORMULAS = {
    "split": "{target_earnings} = {fixed} fixed + {soft} soft + {bonus} bonus",
    "prorate": "{base} × {proportion} = {amount}",
    "fixed.pay_and_flag": (
        "{fixed} × {employed_days} / {scheduled_days} days = {amount}; "
        "{uncovered_days} days without an approved report"
    ),
    "fixed.hold_above_floor": (
        "the larger of {earned} × {covered_days} / {employed_days} days and "
        "the floor {floor_part} = {amount}; held: {held}"
    ),
    "fixed.release": (
        "the larger of {earned} × {covered_days} / {employed_days} days and "
        "the {released_before} already paid, less the latter = {amount}"
    ),
    "soft.pool": "sum over {months} months of target soft pay × days = {amount}",
    "soft.higher": "{actual} / {target} = {raw}, counted as {amount}",
    "soft.lower": (
        "({zero_value} - {actual}) / ({zero_value} - {target}) = {raw}, "
        "counted as {amount}"
    ),
    "soft.scored_zero": "scored 0 by the supervisor: {note}",
    "soft.left_out": "left out by the supervisor: {note}",
    "soft.not_employed": "no employed day in the season",
    "soft.pay": "{pool} × {attainment} = {amount}",
    "soft.not_due": "not due this month",
    "bonus.month": (
        "{rate} × {weighted_to_date} less {rate} × {weighted_before}, "
        "each rounded = {amount}"
    ),
    "bonus.clawback": (
        "{taken_back} of credits taken back at the rate of their month, "
        "{effective_rate} = {amount}"
    ),
    "bonus.added": (
        "{added} of credits added at the rate of their month, "
        "{effective_rate} = {amount}"
    ),
    "draw.advance": (
        "earned {earned} is under the draw {draw}: paid {amount}, "
        "advance balance {balance_before} + {change} = {balance}"
    ),
    "draw.recover": (
        "earned {earned} less {recovered} of the advance = {amount}, "
        "advance balance {balance_before} - {recovered} = {balance}"
    ),
    "credit.paid": (
        "{untaxed} × {money} / {total} = {to_date}, "
        "less {credited_before} credited before = {amount}"
    ),
    "credit.nothing_to_pay": (
        "nothing to pay, less {credited_before} credited before = {amount}"
    ),
    "credit.invoiced": "{untaxed} less {credited_before} credited before = {amount}",
    "credit.note": (
        "{source_credit} × {notes} / {invoice} = {to_date}, "
        "less {taken_before} taken back before = {amount}"
    ),
    "share.part": (
        "{whole} × {percent} %, less {given_before} given before = {amount}"
    ),
    "share.rest": (
        "{whole} less the other shares, less {given_before} given before = {amount}"
    ),
    "correction": "{note}",
    "statement": (
        "{fixed_amount} fixed + {soft_amount} soft + {bonus_amount} bonus + "
        "{carry_amount} draw + {retro_amount} from closed months = {amount}"
    ),
    "what_if": "{fixed} fixed + {soft} soft + {bonus} bonus = {amount} a month",
}

REASONS = {
    "not_employed": "No employed day in this time.",
    "no_part": "The pay mix gives this part nothing.",
    "no_reports": "No day is covered by an approved report or leave yet.",
    "nothing_held": "Nothing is held any more.",
    "nothing_new": "No further day has been covered since.",
    "not_season_end": "Soft pay is paid in the last month of the season.",
    "below_threshold": "Every counted goal stayed under its threshold.",
    "goal_below_threshold": "The attainment is under the threshold.",
    "goal_none": "Nothing was attained.",
    "scored_zero": "The supervisor scored this goal 0.",
    "left_out": "The supervisor left this goal out.",
    "no_credits": "No sales were credited, or what was taken back equals them.",
    "tier_pays_nothing": "The tier these credits fall into pays nothing.",
    "too_small": "Less than half of the smallest unit of the currency.",
    "nothing_taken_back": "Nothing was taken back.",
    "carried": "A negative month pays nothing; the rest is carried forward.",
    "advance_recovered": "All of it goes to paying back the advance.",
    "nothing_earned": "Nothing was earned and no draw is agreed.",
    "no_money": "No money has arrived.",
    "already_credited": "All of it has been credited before.",
    "already_taken_back": "All of it has been taken back before.",
    "nothing_to_pay": "The invoice has nothing to pay.",
    "untaxed_zero": "The untaxed amount is zero.",
    "no_share": "The share is 0 %.",
    "parts_cancel": "The parts cancel out.",
    "nothing_due": "No part of the pay is due in this month.",
}


class Label(NamedTuple):
    """Text and unit of an input: money, days, ratio, percent, count, text."""

    text: str
    unit: str


LABELS = {
    "actual": Label("Measured value", "count"),
    "added": Label("Credits added", "money"),
    "added_before": Label("Added before", "money"),
    "attainment": Label("Attainment of the season", "ratio"),
    "balance_before": Label("Advance balance before", "money"),
    "base": Label("Full amount", "money"),
    "bonus_amount": Label("Bonus of the month", "money"),
    "bonus_share": Label("Bonus share", "percent"),
    "cap": Label("Cap", "ratio"),
    "carry_amount": Label("Draw and recovery", "money"),
    "covered_days": Label("Days covered by reports or leave", "days"),
    "credited_before": Label("Credited before", "money"),
    "credits": Label("Credits of the month", "money"),
    "credits_before": Label("Credits of the half-year before", "money"),
    "draw": Label("Draw", "money"),
    "earned": Label("Earned", "money"),
    "effective_rate": Label("Rate of the source month", "ratio"),
    "employed_days": Label("Employed workdays", "days"),
    "fixed": Label("Target fixed pay", "money"),
    "fixed_amount": Label("Fixed pay", "money"),
    "fixed_share": Label("Fixed share", "percent"),
    "floor": Label("Floor", "money"),
    "given_before": Label("Given before", "money"),
    "goal_level": Label("Goals attained", "percent"),
    "half_year_quota": Label("Quota of the half-year", "money"),
    "invoice": Label("Invoice", "money"),
    "money": Label("Money received so far", "money"),
    "months": Label("Months", "count"),
    "note": Label("Note", "text"),
    "notes": Label("Credit notes so far", "money"),
    "percent": Label("Share", "percent"),
    "pool": Label("Pool of the season", "money"),
    "proportion": Label("Proportion employed", "ratio"),
    "quota_level": Label("Quota attained", "percent"),
    "rate": Label("Bonus rate", "ratio"),
    "recovery_rate": Label("Recovery rate", "ratio"),
    "released_before": Label("Already paid", "money"),
    "retro_amount": Label("From closed months", "money"),
    "scheduled_days": Label("Scheduled workdays", "days"),
    "soft_amount": Label("Soft pay", "money"),
    "soft_share": Label("Soft share", "percent"),
    "source_credit": Label("Credit of the source", "money"),
    "taken_back": Label("Credits taken back", "money"),
    "taken_before": Label("Taken back before", "money"),
    "target": Label("Target", "count"),
    "target_earnings": Label("Target earnings", "money"),
    "threshold": Label("Threshold", "ratio"),
    "total": Label("Total with tax", "money"),
    "untaxed": Label("Untaxed amount", "money"),
    "weight": Label("Weight", "percent"),
    "weighted_before": Label("Weighted credits before", "money"),
    "weighted_to_date": Label("Weighted credits to date", "money"),
    "whole": Label("Amount to divide", "money"),
    "zero_value": Label("Value that scores 0", "count"),
}


class Input(NamedTuple):
    """One number or text that went into a result."""

    name: str
    value: object

    @property
    def label(self) -> str:
        """English name of the input; the key to translate is ``name``."""
        return LABELS[self.name].text

    @property
    def unit(self) -> str:
        """money, days, ratio, percent, count or text."""
        return LABELS[self.name].unit


def inputs(**values) -> tuple[Input, ...]:
    """Return the inputs of a result in the order they were given."""
    return tuple(Input(name, value) for name, value in values.items())


def show(value) -> str:
    """Return ``value`` as plain text: no exponent, at most six decimals more.

    Money keeps its decimals; a ratio that never ends is cut to six.

    >>> show(Decimal("80000.00")), show(Decimal(1) / 3), show(None)
    ('80,000.00', '0.333333', '-')
    """
    if value is None:
        return "-"
    if not isinstance(value, Decimal):
        return str(value)
    if -value.as_tuple().exponent > 6:
        value = value.quantize(Decimal("1E-6"), context=CONTEXT).normalize(CONTEXT)
    return f"{value:,f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """An amount with everything needed to explain it.

    :param amount: the result, money unless the subclass says otherwise
    :param code: stable key of the formula in ``FORMULAS``
    :param inputs: what went in, in the order to show it
    :param reason: key in ``REASONS`` why the amount is zero, else empty
    """

    amount: Decimal
    code: str
    inputs: tuple[Input, ...]
    reason: str = ""

    @property
    def values(self) -> dict[str, str]:
        """Everything the formula may name, as text."""
        known = {name: getattr(self, name) for name in self.__dataclass_fields__}
        known.update({item.name: item.value for item in self.inputs})
        return {name: show(value) for name, value in known.items()}

    @property
    def formula(self) -> str:
        """The calculation as English text; translate by ``code``, ``values``."""
        return FORMULAS[self.code].format(**self.values)

    @property
    def reason_text(self) -> str:
        """Why the amount is zero, in English; empty for any other amount."""
        return REASONS[self.reason] if self.reason else ""
