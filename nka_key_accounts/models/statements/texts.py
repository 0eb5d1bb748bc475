"""The arithmetic's formulas, reasons and labels in the reader's language.

English as in paycalc, named here once more so that translations find them; a test
compares the two.
"""

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

FORMULAS = {
    "fixed.pay_and_flag": _lt(
        "{fixed} × {employed_days} / {scheduled_days} days = {amount}; "
        "{uncovered_days} days without an approved report"
    ),
    "fixed.hold_above_floor": _lt(
        "the larger of {earned} × {covered_days} / {employed_days} days and "
        "the floor {floor_part} = {amount}; held: {held}"
    ),
    "fixed.release": _lt(
        "the larger of {earned} × {covered_days} / {employed_days} days and "
        "the {released_before} already paid, less the latter = {amount}"
    ),
    "soft.pool": _lt("sum over {months} months of target soft pay × days = {amount}"),
    "soft.higher": _lt("{actual} / {target} = {raw}, counted as {amount}"),
    "soft.lower": _lt(
        "({zero_value} - {actual}) / ({zero_value} - {target}) = {raw}, "
        "counted as {amount}"
    ),
    "soft.scored_zero": _lt("scored 0 by the supervisor: {note}"),
    "soft.left_out": _lt("left out by the supervisor: {note}"),
    "soft.not_employed": _lt("no employed day in the season"),
    "soft.pay": _lt("{pool} × {attainment} = {amount}"),
    "soft.not_due": _lt("not due this month"),
    "bonus.month": _lt(
        "{rate} × {weighted_to_date} less {rate} × {weighted_before}, each "
        "rounded = {amount}"
    ),
    "bonus.clawback": _lt(
        "{taken_back} of credits taken back at the rate of their month, "
        "{effective_rate} = {amount}"
    ),
    "bonus.added": _lt(
        "{added} of credits added at the rate of their month, "
        "{effective_rate} = {amount}"
    ),
    "draw.advance": _lt(
        "earned {earned} is under the draw {draw}: paid {amount}, advance "
        "balance {balance_before} + {change} = {balance}"
    ),
    "draw.recover": _lt(
        "earned {earned} less {recovered} of the advance = {amount}, advance "
        "balance {balance_before} - {recovered} = {balance}"
    ),
    "correction": _lt("{note}"),
    "statement": _lt(
        "{fixed_amount} fixed + {soft_amount} soft + {bonus_amount} bonus + "
        "{carry_amount} draw + {retro_amount} from closed months = {amount}"
    ),
}

REASONS = {
    "no_advance": _lt("No advance is due and none is paid back."),
    "not_employed": _lt("No employed day in this time."),
    "no_part": _lt("The pay mix gives this part nothing."),
    "no_reports": _lt("No day is covered by an approved report or leave yet."),
    "nothing_held": _lt("Nothing is held any more."),
    "nothing_new": _lt("No further day has been covered since."),
    "not_season_end": _lt("Soft pay is paid in the last month of the season."),
    "below_threshold": _lt("Every counted goal stayed under its threshold."),
    "goal_below_threshold": _lt("The attainment is under the threshold."),
    "goal_none": _lt("Nothing was attained."),
    "scored_zero": _lt("The supervisor scored this goal 0."),
    "left_out": _lt("The supervisor left this goal out."),
    "no_credits": _lt("No sales were credited, or what was taken back equals them."),
    "tier_pays_nothing": _lt("The tier these credits fall into pays nothing."),
    "too_small": _lt("Less than half of the smallest unit of the currency."),
    "nothing_taken_back": _lt("Nothing was taken back."),
    "carried": _lt("A negative month pays nothing; the rest is carried forward."),
    "advance_recovered": _lt("All of it goes to paying back the advance."),
    "nothing_earned": _lt("Nothing was earned and no draw is agreed."),
    "no_money": _lt("No money has arrived."),
    "already_credited": _lt("All of it has been credited before."),
    "already_taken_back": _lt("All of it has been taken back before."),
    "nothing_to_pay": _lt("The invoice has nothing to pay."),
    "untaxed_zero": _lt("The untaxed amount is zero."),
    "no_share": _lt("The share is 0 %."),
    "parts_cancel": _lt("The parts cancel out."),
    "nothing_due": _lt("No part of the pay is due in this month."),
}

LABELS = {
    "actual": _lt("Measured value"),
    "added": _lt("Credits added"),
    "added_before": _lt("Added before"),
    "attainment": _lt("Attainment of the season"),
    "balance_before": _lt("Advance balance before"),
    "base": _lt("Full amount"),
    "bonus_amount": _lt("Bonus of the month"),
    "bonus_share": _lt("Bonus share"),
    "cap": _lt("Cap"),
    "carry_amount": _lt("Draw and recovery"),
    "covered_days": _lt("Days covered by reports or leave"),
    "credited_before": _lt("Credited before"),
    "credits": _lt("Credits of the month"),
    "credits_before": _lt("Credits of the half-year before"),
    "draw": _lt("Draw"),
    "earned": _lt("Earned"),
    "effective_rate": _lt("Rate of the source month"),
    "employed_days": _lt("Employed workdays"),
    "fixed": _lt("Target fixed pay"),
    "fixed_amount": _lt("Fixed pay"),
    "fixed_share": _lt("Fixed share"),
    "floor": _lt("Floor"),
    "given_before": _lt("Given before"),
    "goal_level": _lt("Goals attained"),
    "half_year_quota": _lt("Quota of the half-year"),
    "invoice": _lt("Invoice"),
    "money": _lt("Money received so far"),
    "months": _lt("Months"),
    "note": _lt("Note"),
    "notes": _lt("Credit notes so far"),
    "percent": _lt("Share"),
    "pool": _lt("Pool of the season"),
    "proportion": _lt("Proportion employed"),
    "quota_level": _lt("Quota attained"),
    "rate": _lt("Bonus rate"),
    "recovery_rate": _lt("Recovery rate"),
    "released_before": _lt("Already paid"),
    "retro_amount": _lt("From closed months"),
    "scheduled_days": _lt("Scheduled workdays"),
    "soft_amount": _lt("Soft pay"),
    "soft_share": _lt("Soft share"),
    "source_credit": _lt("Credit of the source"),
    "taken_back": _lt("Credits taken back"),
    "taken_before": _lt("Taken back before"),
    "target": _lt("Target"),
    "target_earnings": _lt("Target earnings"),
    "threshold": _lt("Threshold"),
    "total": _lt("Total with tax"),
    "untaxed": _lt("Untaxed amount"),
    "weight": _lt("Weight"),
    "weighted_before": _lt("Weighted credits before"),
    "weighted_to_date": _lt("Weighted credits to date"),
    "whole": _lt("Amount to divide"),
    "zero_value": _lt("Value that scores 0"),
}


def _translated(env, template):
    return env._(template)  # pylint: disable=translation-contains-variable


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
    return _translated(env, LABELS[name]) if name in LABELS else name
