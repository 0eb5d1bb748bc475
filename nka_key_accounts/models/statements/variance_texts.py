"""The reasons of a difference in words."""

from datetime import date
from decimal import Decimal

from odoo.tools import LazyTranslate, format_date, formatLang

_lt = LazyTranslate(__name__)

REASONS = {
    "gone": _lt("no statement this month"),
    "first": _lt("no statement last month"),
    "agreed_fixed": _lt("agreed fixed pay {now} instead of {before}"),
    "days": _lt(
        "{employed} of {scheduled} days employed, {employed_before} of "
        "{scheduled_before} last month"
    ),
    "held": _lt("held for missing reports: {now}, last month {before}"),
    "season_end": _lt("the season ends, goals attained to {attainment} %"),
    "no_season_end": _lt("no season ends this month"),
    "pool": _lt("pool of the season {now} instead of {before}"),
    "attainment": _lt("goals attained to {now} % instead of {before} %"),
    "credits": _lt("credits {now} after {before}"),
    "rate": _lt("bonus rate {now} % instead of {before} %"),
    "half_year": _lt(
        "a new half-year begins: credits count {now} times instead of {before}"
    ),
    "tier": _lt("another tier: credits count {now} times instead of {before}"),
    "advanced": _lt("advance: earned {earned} is under the draw {draw}"),
    "recovered": _lt("pays back {amount} of {owed} owed"),
    "draw": _lt("draw {now} instead of {before}"),
    "no_carry": _lt("no advance is due and none is paid back"),
    "released": _lt("fixed pay of {month}, reports approved since"),
    "clawback": _lt("bonus of {month} taken back"),
    "correction": _lt("correction: {note}"),
    "settled_before": _lt("last month settled closed months"),
    "same": _lt("as last month"),
    "rounding": _lt("rounding"),
    "exception": _lt("not calculated: {note}"),
}

#: Numbers of these are ratios to show as percent with so many decimals at most, of
#: those plain numbers.
PERCENT = {"season_end": 2, "attainment": 2, "rate": 4}
PLAIN = {"days", "tier", "half_year"}


def in_words(env, reason, currency):
    """One reason as a phrase in the reader's language and number format.

    :param Reason reason: see reasons.py
    :param currency: res.currency of its amounts
    """
    values = {
        name: _shown(env, reason.code, value, currency) for name, value in reason.values
    }
    text = env._(REASONS[reason.code])  # pylint: disable=translation-contains-variable
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
