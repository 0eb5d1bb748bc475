"""Why a component of somebody's pay differs from last month's. Plain Python.

A reason is found by comparing what the two statements were calculated from; it never
guesses. Each is a code with its numbers, so that a screen says it in the reader's
language.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """What a statement says of a month, as far as a comparison needs it.

    :param month: first day
    :param inputs: by kind of line: name of an input to its text
    :param codes: by kind of line: how it was calculated
    :param settled: lines of closed months: (key, source month, note)
    :param held: fixed pay held in this month, money
    """

    month: date
    inputs: dict = field(default_factory=dict)
    codes: dict = field(default_factory=dict)
    settled: tuple = ()
    held: Decimal = ZERO

    def number(self, kind, name):
        """One input of a line as a number; zero when it has none."""
        value = self.inputs.get(kind, {}).get(name)
        return ZERO if value in (None, "") else Decimal(value)


@dataclass(frozen=True, slots=True)
class Reason:
    """One cause of a difference, with the numbers to say it."""

    code: str
    values: tuple = ()


def reasons_for(component, now, before):
    """Why ``component`` is what it is now, compared with the month before.

    :param str component: one of components.COMPONENTS
    :param MonthFigures now: None when the person has no statement of this month
    :param MonthFigures before: None when he had none
    :rtype: tuple[Reason, ...]
    """
    if now is None:
        return (Reason("gone"),)
    if before is None:
        return (Reason("first"), *_FOUND_ALONE[component](now))
    return tuple(_FOUND[component](now, before))


def _moved(now, before, kind, name, code):
    """A reason when one number differs between the two months."""
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
    yield from _moved(now, before, "bonus", "rate", "rate")
    old, new = _tier_factor(before), _tier_factor(now)
    if old != new and old and new:
        code = "half_year" if now.month.month in (1, 7) else "tier"
        yield Reason(code, (("before", old), ("now", new)))


def _tier_factor(month):
    """What a credit of the month counted for on the mean; six decimals."""
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


def _settled(code, *keys):
    def found(now, before):
        yield from alone(now)
        if any(row[0] in keys for row in before.settled):
            yield Reason("settled_before")

    def alone(now):
        for key, month, note in now.settled:
            if key in keys:
                yield Reason(
                    "correction" if key.startswith("correction") else code,
                    (("month", month), ("note", note)),
                )

    return found, alone


def _held_alone(now):
    if now.held:
        yield Reason("held", (("before", ZERO), ("now", now.held)))


def _nothing(_now):
    return ()


_released, _released_alone = _settled("released", "release", "correction.fixed")

_retro, _retro_alone = _settled(
    "clawback", "clawback", "correction.soft", "correction.bonus"
)

_FOUND: dict[str, Callable] = {
    "fixed": _fixed,
    "soft": _soft,
    "bonus": _bonus,
    "carry": _carry,
    "released": _released,
    "retro": _retro,
}

_FOUND_ALONE: dict[str, Callable] = {
    "fixed": _held_alone,
    "soft": _nothing,
    "bonus": _nothing,
    "carry": _carry_alone,
    "released": _released_alone,
    "retro": _retro_alone,
}
