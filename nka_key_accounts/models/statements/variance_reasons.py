"""Why a component of a person's pay differs from last month, and the texts for it.

Reasons are found by comparing what the two statements were calculated from, without
guessing. Each is a code with numbers, so that it can be shown in the user's language.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial

from odoo.tools import LazyTranslate, format_date, formatLang

_lt = LazyTranslate(__name__)

ZERO = Decimal(0)

TEXTS = {
    "gone": _lt("no statement for this month"),
    "first": _lt("no statement for last month"),
    "agreed_fixed": _lt("agreed fixed pay {now} instead of {before}"),
    "days": _lt(
        "workdays employed, less unpaid leave: {employed} of {scheduled}; last month "
        "{employed_before} of {scheduled_before}"
    ),
    "held": _lt("held for missing reports: {now}, last month {before}"),
    "season_end": _lt("season ends, goal attainment {attainment} %"),
    "no_season_end": _lt("no season ends this month"),
    "pool": _lt("season pool {now} instead of {before}"),
    "attainment": _lt("goal attainment {now} % instead of {before} %"),
    "credits": _lt("credits {now} instead of {before}"),
    "credits_held": _lt(
        "credits held for missing documents at the end of the month: {now}, last month "
        "{before}"
    ),
    "loyalty": _lt("held as a loyalty share: {now}, last month {before}"),
    "rate": _lt("bonus rate {now} % instead of {before} %"),
    "half_year": _lt("new half-year: credits count {now} times instead of {before}"),
    "tier": _lt("another rate tier: credits count {now} times instead of {before}"),
    "advanced": _lt("draw: earned {earned} is below the draw of {draw}"),
    "recovered": _lt("recovers {amount} of the draw balance of {owed}"),
    "draw": _lt("draw {now} instead of {before}"),
    "no_carry": _lt("no draw this month"),
    "released": _lt("held pay for {month} released after its reports were approved"),
    "clawback": _lt("clawback of the bonus for {month}"),
    "vesting": _lt("held loyalty share vested"),
    "correction": _lt("adjustment: {note}"),
    "settled_before": _lt("last month included retroactive adjustments"),
    "same": _lt("same as last month"),
    "rounding": _lt("rounding"),
    "exception": _lt("not calculated: {note}"),
}

#: ``PERCENT``: ratios shown as a percentage, with the maximum decimals. ``PLAIN``:
#: plain numbers.
PERCENT = {"season_end": 2, "attainment": 2, "rate": 4}
PLAIN = {"days", "tier", "half_year"}


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """Figures of a statement that a comparison needs.

    :param month: first day
    :param inputs: by kind of line, texts of inputs by name
    :param codes: by kind of line, how it was calculated
    :param settled: lines for closed months: (component, kind, source month, note)
    :param held: fixed pay held in this month, in the statement's currency
    :param held_credits: credits held after the month, in the statement's currency
    :param is_first: whether a half-year begins with the month
    """

    month: date
    inputs: dict = field(default_factory=dict)
    codes: dict = field(default_factory=dict)
    settled: tuple = ()
    held: Decimal = ZERO
    held_credits: Decimal = ZERO
    is_first: bool = False

    def number(self, kind, name):
        """Return an input of a line as a number; zero if there is none.

        :param str kind: kind of line
        :param str name: name of the input
        :rtype: Decimal
        """
        value = self.inputs.get(kind, {}).get(name)
        return ZERO if value in (None, "") else Decimal(value)


@dataclass(frozen=True, slots=True)
class Reason:
    """One cause of a difference, with the numbers for its text."""

    code: str
    values: tuple = ()


def reasons_for(component, now, before):
    """Return why ``component`` differs from the month before.

    :param str component: one of COMPONENTS
    :param MonthFigures now: the month to explain
    :param MonthFigures before: the month before, or None
    :rtype: tuple[Reason, ...]
    """
    if before is None:
        alone = _FOUND_ALONE.get(component)
        return (Reason("first"), *(alone(now) if alone else ()))
    return tuple(_FOUND[component](now, before))


def _moved(now, before, kind, name, code):
    """Yield a reason if a number differs between the two months."""
    old, new = before.number(kind, name), now.number(kind, name)
    if old != new:
        yield Reason(code, (("before", old), ("now", new)))


def _fixed(now, before):
    yield from _moved(now, before, "fixed", "fixed", "agreed_fixed")
    if _employed_share(now) != _employed_share(before):
        yield Reason(
            "days",
            (
                ("employed", now.number("fixed", "employed_days")),
                ("scheduled", now.number("fixed", "scheduled_days")),
                ("employed_before", before.number("fixed", "employed_days")),
                ("scheduled_before", before.number("fixed", "scheduled_days")),
            ),
        )
    if now.held != before.held:
        yield Reason("held", (("before", before.held), ("now", now.held)))


def _held_alone(now):
    if now.held:
        yield Reason("held", (("before", ZERO), ("now", now.held)))


def _employed_share(month):
    scheduled = month.number("fixed", "scheduled_days")
    return scheduled and month.number("fixed", "employed_days") / scheduled


def _soft(now, before):
    is_due, was_due = (month.codes.get("soft") == "soft.pay" for month in (now, before))
    if is_due and not was_due:
        yield Reason("season_end", (("attainment", now.number("soft", "attainment")),))
    elif was_due and not is_due:
        yield Reason("no_season_end")
    else:
        yield from _moved(now, before, "soft", "pool", "pool")
        yield from _moved(now, before, "soft", "attainment", "attainment")


def _bonus(now, before):
    yield from _moved(now, before, "bonus", "credits", "credits")
    if now.held_credits != before.held_credits:
        values = ("before", before.held_credits), ("now", now.held_credits)
        yield Reason("credits_held", values)
    yield from _moved(now, before, "loyalty", "change", "loyalty")
    yield from _moved(now, before, "bonus", "rate", "rate")
    old, new = _tier_factor(before), _tier_factor(now)
    if old != new and old and new:
        code = "half_year" if now.is_first else "tier"
        yield Reason(code, (("before", old), ("now", new)))


def _bonus_alone(now):
    if now.held_credits:
        values = ("before", ZERO), ("now", now.held_credits)
        yield Reason("credits_held", values)
    if change := now.number("loyalty", "change"):
        yield Reason("loyalty", (("before", ZERO), ("now", change)))


def _tier_factor(month):
    """Return the average factor that credits of the month counted for; six decimals."""
    credits = month.number("bonus", "credits")
    if not credits:
        return ZERO
    weighted = month.number("bonus", "weighted_to_date") - month.number(
        "bonus", "weighted_before"
    )
    return round(weighted / credits, 6)


def _carry(now, before):
    yield from _carry_alone(now)
    yield from _moved(now, before, "carry", "draw", "draw")
    change, earlier = (month.number("carry", "change") for month in (now, before))
    if not change and earlier:
        yield Reason("no_carry")


def _carry_alone(now):
    change = now.number("carry", "change")
    values = (
        ("amount", abs(change)),
        ("earned", now.number("carry", "earned")),
        ("draw", now.number("carry", "draw")),
        ("owed", now.number("carry", "balance_before")),
    )
    if change:
        yield Reason("advanced" if change > 0 else "recovered", values)


def _settled(component, now, before):
    yield from _settled_alone(component, now)
    if any(settled == component for settled, *_rest in before.settled):
        yield Reason("settled_before")


def _settled_alone(component, now):
    for settled, kind, month, note in now.settled:
        if settled == component:
            code = "released" if kind == "release" else kind
            yield Reason(code, (("month", month), ("note", note)))


_FOUND: dict[str, Callable] = {
    "fixed": _fixed,
    "soft": _soft,
    "bonus": _bonus,
    "carry": _carry,
    "released": partial(_settled, "released"),
    "retro": partial(_settled, "retro"),
}

_FOUND_ALONE: dict[str, Callable] = {
    "fixed": _held_alone,
    "bonus": _bonus_alone,
    "carry": _carry_alone,
    "released": partial(_settled_alone, "released"),
    "retro": partial(_settled_alone, "retro"),
}


def in_words(env, reason, currency):
    """Return one reason as a phrase in the user's language and number format.

    :param env: environment, for the language
    :param Reason reason: what to say
    :param currency: res.currency of its amounts
    :rtype: str
    """
    values = {
        name: _shown(env, reason.code, value, currency) for name, value in reason.values
    }
    text = env._(TEXTS[reason.code])  # pylint: disable=translation-contains-variable
    return text.format(**values)


def _shown(env, code, value, currency):
    if isinstance(value, date):
        return format_date(env, value, date_format="LLLL yyyy")
    if not isinstance(value, Decimal):
        return value or "–"
    if code in PERCENT:
        return _plain(env, value * 100, PERCENT[code])
    if code in PLAIN:
        return _plain(env, value)
    return formatLang(env, float(value), currency.decimal_places)


def _plain(env, value, digits=4):
    number = round(value, digits).normalize()
    return formatLang(env, float(number), max(0, -number.as_tuple().exponent))
