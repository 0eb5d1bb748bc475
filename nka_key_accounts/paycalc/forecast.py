"""What-if by attainment, and forecast of the running month (docs/pay.md, 7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .bonus import BonusTerms, MonthBonus, month_bonus
from .explain import Result, inputs
from .money import HUNDRED, exact, not_negative, rnd, total
from .period import MONTHS_OF_HALF_YEAR
from .plan_terms import AgreementTerms, PlanTerms
from .replay import BonusMonth, CreditMonth, replay

LEVELS = tuple(Decimal(level) for level in (50, 80, 100, 120, 150))


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf(Result):
    """Pay at one level of attainment; ``amount`` is an average month, money.

    :param quota_level: percent of the quota sold in each of six months
    :param goal_level: attainment of every goal, percent
    :param fixed: average month, money
    :param soft: goal pay of an average month, money
    :param bonus: average month after the draw, money
    :param half_year: total of all six months, money
    :param balance: draw balance after the six months, money
    :param held: loyalty share of an average month; held in the first twelve months of
        employment and included in ``bonus``, money
    """

    quota_level: Decimal
    goal_level: Decimal
    fixed: Decimal
    soft: Decimal
    bonus: Decimal
    half_year: Decimal
    balance: Decimal
    held: Decimal


@exact
def what_if(
    plan: PlanTerms,
    agreement: AgreementTerms,
    quota_level: Decimal,
    goal_level: Decimal | None = None,
) -> WhatIf:
    """Return the pay of a full half-year at one level of attainment.

    Every month has the same sales, all days are employed and covered, every goal has
    the same attainment, and the draw balance starts at zero.

    :param plan: terms of the plan version
    :param agreement: terms of the agreement
    :param quota_level: percent of the quota
    :param goal_level: percent of every goal; the quota level by default
    """
    level = not_negative("quota level", quota_level)
    goals = not_negative("goal level", level if goal_level is None else goal_level)
    digits, split = agreement.digits, agreement.split(plan)
    months = _bonus_months(plan, agreement, level)
    soft = rnd(split.soft * plan.scale.count(goals / HUNDRED), digits)
    bonus = total(month.paid.amount for month in months)
    mean = rnd(bonus / MONTHS_OF_HALF_YEAR, digits)
    amount = split.fixed + soft + mean
    return WhatIf(
        amount=amount,
        code="what_if",
        inputs=inputs(quota_level=level, goal_level=goals),
        reason="" if amount else "nothing_due",
        quota_level=level,
        goal_level=goals,
        fixed=split.fixed,
        soft=soft,
        bonus=mean,
        half_year=MONTHS_OF_HALF_YEAR * (split.fixed + soft) + bonus,
        balance=months[-1].balance,
        held=_held(plan, months, digits),
    )


def _held(plan, months, digits) -> Decimal:
    """Return the loyalty share of an average month, before the draw."""
    earned = total(month.bonus.amount for month in months)
    share = plan.loyalty_share / HUNDRED
    return rnd(share * earned / MONTHS_OF_HALF_YEAR, digits)


def _bonus_months(plan, agreement, level) -> tuple[BonusMonth, ...]:
    terms = agreement.bonus_terms(plan)
    credits = rnd(agreement.monthly_quota * level / HUNDRED, agreement.digits)
    # Any half-year works: only the order of its months matters.
    return replay(
        (
            CreditMonth(date(2000, n, 1), credits, terms, agreement.draw_terms)
            for n in range(1, MONTHS_OF_HALF_YEAR + 1)
        ),
        digits=agreement.digits,
    )


def what_if_table(
    plan: PlanTerms,
    agreement: AgreementTerms,
    levels: Iterable[Decimal] = LEVELS,
) -> tuple[WhatIf, ...]:
    """Return the pay at several levels, the same for quota and goals, in order."""
    return tuple(what_if(plan, agreement, level) for level in levels)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Bonus of the running month: so far, and including expected credits.

    :param sure: from the credits so far
    :param expected: with the credits that are still expected
    """

    sure: MonthBonus
    expected: MonthBonus


@exact
def forecast_bonus(
    credits_before: Decimal,
    credits: Decimal,
    expected: Decimal,
    terms: BonusTerms,
    digits: int = 2,
) -> Forecast:
    """Return the bonus of the running month, so far and expected.

    :param credits_before: credits of the half-year before the month, money
    :param credits: credits of the month so far, money
    :param expected: credits still expected from due invoices and won deals, money, zero
        or more
    :param terms: the terms in force in the month
    :param digits: decimals of the currency
    """
    expected = not_negative("expected credits", expected)
    sure = month_bonus(credits_before, credits, terms, digits)
    more = month_bonus(credits_before, credits + expected, terms, digits)
    return Forecast(sure=sure, expected=more)
