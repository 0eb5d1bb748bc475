"""Explanation of an amount: inputs, formula and, for a zero, the reason.

A screen shows a result by its ``code``, its ``inputs`` and its ``amount``. The texts in
``FORMULAS``, ``REASONS`` and ``LABELS`` are the English source, by stable keys; those
that appear on screens are marked for translation. See docs/pay.md, 7.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from .marks import _lt
from .money import CONTEXT

FORMULAS = {
    "split": "{target_earnings} = {fixed} fixed pay + {soft} goal pay + {bonus} bonus",
    "prorate": "{base} × {proportion} = {amount}",
    "fixed.pay_and_flag": _lt(
        "{fixed} × {employed_days} / {scheduled_days} days = {amount}; "
        "days without an approved report, paid and flagged: {uncovered_days}"
    ),
    "fixed.hold_above_floor": _lt(
        "the larger of {earned} × {covered_days} / {employed_days} days and "
        "the floor {floor_part} = {amount}; held: {held}"
    ),
    "fixed.release": _lt(
        "the larger of {earned} × {covered_days} / {employed_days} days and the "
        "{released_before} already paid, less the amount already paid = {amount}"
    ),
    "soft.pool": _lt(
        "target goal pay × proration factor, summed over {months} months = {amount}"
    ),
    "soft.higher": _lt("{actual} / {target} = {raw}, counted as {amount}"),
    "soft.lower": _lt(
        "({zero_value} - {actual}) / ({zero_value} - {target}) = {raw}, "
        "counted as {amount}"
    ),
    "soft.scored_zero": _lt("scored 0 by the supervisor: {note}"),
    "soft.left_out": _lt("excluded by the supervisor: {note}"),
    "soft.not_employed": _lt("no workdays employed in the season"),
    "soft.pay": "{pool} × {attainment} = {amount}",
    "soft.not_due": _lt("not due this month"),
    "bonus.month": _lt(
        "{rate} × {weighted_to_date} less {rate} × {weighted_before}, "
        "each rounded = {amount}"
    ),
    "bonus.clawback": _lt(
        "{taken_back} of credits clawed back at the rate of their month, "
        "{effective_rate} = {amount}"
    ),
    "bonus.added": _lt(
        "{added} of credits added at the rate of their month, "
        "{effective_rate} = {amount}"
    ),
    "loyalty.holding": _lt(
        "{loyalty_share} % of the {earned} earned is held until twelve months of "
        "employment are complete: {change}; held in total: {held}"
    ),
    "loyalty.lapsed_share": _lt(
        "{loyalty_share} % of the {earned} earned doesn't vest, because the employee "
        "left before twelve months of employment: {change}"
    ),
    "loyalty.vested": _lt("held before, and vested with this month = {amount}"),
    "loyalty.lapsed": _lt(
        "lapsed, because the employee left before twelve months of employment: "
        "{loyalty_lapsed}"
    ),
    "draw.advance": _lt(
        "earned {earned} is below the draw of {draw}: paid {amount}, draw balance "
        "{balance_before} + {change} = {balance}"
    ),
    "draw.recover": _lt(
        "earned {earned} less {recovered} draw recovered = {amount}, draw balance "
        "{balance_before} - {recovered} = {balance}"
    ),
    "correction": "{note}",
    "statement": _lt(
        "{fixed_amount} fixed pay + {soft_amount} goal pay + {bonus_amount} bonus + "
        "{carry_amount} draw + {retro_amount} retroactive adjustments = {amount}"
    ),
    "what_if": "{fixed} fixed pay + {soft} goal pay + {bonus} bonus = {amount} a month",
}

REASONS = {
    "not_employed": _lt("No workdays employed in this period."),
    "unpaid_leave": _lt("All workdays of this period are unpaid leave."),
    "no_part": _lt("The pay mix has no share for this component."),
    "no_reports": _lt("No day is covered by an approved report or time off yet."),
    "nothing_held": _lt("No pay is held any longer."),
    "nothing_new": _lt("No further days have been covered since."),
    "not_season_end": _lt("Goal pay is paid in the last month of the season."),
    "below_threshold": _lt("No goal reached its threshold."),
    "goal_below_threshold": _lt("Attainment is below the threshold."),
    "goal_none": _lt("Attainment is zero."),
    "scored_zero": _lt("The supervisor scored this goal 0."),
    "left_out": _lt("The supervisor excluded this goal."),
    "no_credits": _lt("No sales were credited, or clawbacks offset the credits."),
    "tier_pays_nothing": _lt("The rate tier of these credits pays nothing."),
    "too_small": _lt("Less than half of the smallest currency unit."),
    "nothing_taken_back": _lt("Nothing was clawed back."),
    "carried": _lt("A negative month pays no bonus; the balance is carried forward."),
    "advance_recovered": _lt("Fully used to recover the draw balance."),
    "nothing_earned": _lt("Nothing was earned and no draw is agreed."),
    "loyalty_vested": _lt("Nothing is held after twelve months of employment."),
    "no_loyalty_share": _lt("The pay plan has no loyalty share any longer."),
    "loyalty_lapsed": _lt("It isn't paid: the employee left before it vested."),
    "parts_cancel": _lt("The components cancel each other out."),
    "nothing_due": _lt("No pay is due in this month."),
}


class Label(NamedTuple):
    """Text and unit of an input: money, days, ratio, percent, count or text."""

    text: str
    unit: str


LABELS = {
    "actual": Label(_lt("Measured value"), "count"),
    "added": Label(_lt("Credits added"), "money"),
    "added_before": Label(_lt("Previously added"), "money"),
    "attainment": Label(_lt("Season attainment"), "ratio"),
    "balance_before": Label(_lt("Opening draw balance"), "money"),
    "base": Label(_lt("Full amount"), "money"),
    "bonus_amount": Label(_lt("Bonus for the month"), "money"),
    "bonus_share": Label(_lt("Bonus share"), "percent"),
    "cap": Label(_lt("Cap"), "ratio"),
    "carry_amount": Label(_lt("Draw and recovery"), "money"),
    "covered_days": Label(_lt("Days covered by reports or time off"), "days"),
    "credits": Label(_lt("Credits for the month"), "money"),
    "credits_before": Label(_lt("Half-year credits before this month"), "money"),
    "draw": Label(_lt("Draw"), "money"),
    "earned": Label(_lt("Earned"), "money"),
    "effective_rate": Label(_lt("Effective rate of the source month"), "ratio"),
    "employed_days": Label(_lt("Workdays employed"), "days"),
    "fixed": Label(_lt("Target fixed pay"), "money"),
    "fixed_amount": Label(_lt("Fixed pay"), "money"),
    "fixed_share": Label(_lt("Fixed pay share"), "percent"),
    "floor": Label(_lt("Fixed pay floor"), "money"),
    "goal_level": Label(_lt("Goal attainment"), "percent"),
    "half_year_quota": Label(_lt("Half-year quota"), "money"),
    "loyalty_held_before": Label(_lt("Held before this month"), "money"),
    "loyalty_lapsed": Label(_lt("Lapsed"), "money"),
    "loyalty_share": Label(_lt("Loyalty share (%)"), "percent"),
    "months": Label(_lt("Number of months"), "count"),
    "note": Label(_lt("Note"), "text"),
    "pool": Label(_lt("Season pool"), "money"),
    "proportion": Label(_lt("Proration factor"), "ratio"),
    "quota_level": Label(_lt("Quota attainment"), "percent"),
    "rate": Label(_lt("Bonus rate"), "ratio"),
    "recovery_rate": Label(_lt("Recovery rate"), "ratio"),
    "released_before": Label(_lt("Already paid"), "money"),
    "retro_amount": Label(_lt("Retroactive adjustments"), "money"),
    "scheduled_days": Label(_lt("Scheduled workdays"), "days"),
    "soft_amount": Label(_lt("Goal pay"), "money"),
    "soft_share": Label(_lt("Goal pay share"), "percent"),
    "taken_back": Label(_lt("Credits clawed back"), "money"),
    "taken_before": Label(_lt("Previously clawed back"), "money"),
    "target": Label(_lt("Target"), "count"),
    "target_earnings": Label(_lt("Target earnings"), "money"),
    "threshold": Label(_lt("Threshold"), "ratio"),
    "unpaid_days": Label(_lt("Days of unpaid leave"), "days"),
    "weight": Label(_lt("Weight"), "percent"),
    "weighted_before": Label(_lt("Weighted credits before this month"), "money"),
    "weighted_to_date": Label(_lt("Weighted credits to date"), "money"),
    "zero_value": Label(_lt("Zero-score value"), "count"),
}


class Input(NamedTuple):
    """Number or text that a result was calculated from."""

    name: str
    value: object

    @property
    def label(self) -> str:
        """Return the English name of the input; the key to translate is ``name``."""
        return LABELS[self.name].text

    @property
    def unit(self) -> str:
        """Return money, days, ratio, percent, count or text."""
        return LABELS[self.name].unit


def inputs(**values) -> tuple[Input, ...]:
    """Return the inputs of a result in the order they were given."""
    return tuple(Input(name, value) for name, value in values.items())


def show(value) -> str:
    """Return ``value`` as plain text, without an exponent.

    Money keeps its decimals; numbers with more than six decimals are rounded to six.

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
    """Amount with everything needed to explain it.

    :param amount: the result, money unless the subclass says otherwise
    :param code: stable key of the formula in ``FORMULAS``
    :param inputs: numbers and texts used, in display order
    :param reason: key in ``REASONS`` why the amount is zero, else empty
    """

    amount: Decimal
    code: str
    inputs: tuple[Input, ...]
    reason: str = ""

    @property
    def values(self) -> dict[str, str]:
        """Return everything the formula can refer to, as text by name."""
        known = {name: getattr(self, name) for name in self.__dataclass_fields__}
        known.update({item.name: item.value for item in self.inputs})
        return {name: show(value) for name, value in known.items()}

    @property
    def formula(self) -> str:
        """Return the calculation as English text; translate by ``code``, ``values``."""
        return FORMULAS[self.code].format(**self.values)

    @property
    def reason_text(self) -> str:
        """Return why the amount is zero, in English; empty for any other amount."""
        return REASONS[self.reason] if self.reason else ""
