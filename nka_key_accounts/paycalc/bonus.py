"""Bonus of a month from the credits of its half-year (docs/pay.md, 4)."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from .explain import Result, inputs
from .money import (
    CONTEXT,
    ZERO,
    decimal,
    exact,
    keep,
    not_negative,
    positive,
    rnd,
    within,
)
from .period import MONTHS_OF_HALF_YEAR
from .split import TargetSplit
from .tiers import PLAIN, Tier, check_tiers, marginal_factor, weighted_credits

# Twelve decimals can be stored without loss and pay the target bonus to the cent at
# quota, for monthly quotas of up to 1,000,000,000.
RATE_STEP = Decimal("1E-12")

# Formula code for credits added to a month of an earlier half-year.
ADDED = "bonus.added"


@exact
def bonus_rate(bonus: Decimal, monthly_quota: Decimal) -> Decimal:
    """Return the rate to store on an agreement: target bonus / monthly quota.

    :param bonus: target bonus of a month, money
    :param monthly_quota: money, above zero
    :return: ratio with twelve decimals
    :raises AmountError: for a negative bonus, or a quota of zero or less

    >>> bonus_rate(Decimal(100000), Decimal(2000000)).normalize()
    Decimal('0.05')
    """
    bonus = not_negative("target bonus", bonus)
    quota = positive("monthly quota", monthly_quota)
    return (bonus / quota).quantize(RATE_STEP, ROUND_HALF_UP, CONTEXT)


@dataclass(frozen=True, slots=True)
class BonusTerms:
    """Terms that a manager's credits are paid by.

    :param rate: ratio of bonus to credits, from :func:`bonus_rate`
    :param monthly_quota: money, above zero
    :param tiers: rate tiers over the half-year quota; by default one without an end
    :param quota_months: months of the half-year under an agreement, 1 to 6
    """

    rate: Decimal
    monthly_quota: Decimal
    tiers: tuple[Tier, ...] = PLAIN
    quota_months: int = MONTHS_OF_HALF_YEAR

    def __post_init__(self):
        keep(
            self,
            rate=not_negative("bonus rate", self.rate),
            monthly_quota=positive("monthly quota", self.monthly_quota),
            tiers=check_tiers(self.tiers),
        )
        within("months of the quota", self.quota_months, 1, MONTHS_OF_HALF_YEAR)

    @classmethod
    def of_split(
        cls,
        split: TargetSplit,
        monthly_quota: Decimal,
        tiers: tuple[Tier, ...] = PLAIN,
        quota_months: int = MONTHS_OF_HALF_YEAR,
    ):
        """Return terms that pay the target bonus exactly at quota."""
        rate = bonus_rate(split.bonus, monthly_quota)
        return cls(rate, monthly_quota, tiers, quota_months)

    @property
    @exact
    def half_year_quota(self) -> Decimal:
        """Return the quota of all months of the half-year, money."""
        return self.monthly_quota * self.quota_months

    def weigh(self, credits: Decimal) -> Decimal:
        """Return the half-year credits so far, weighted by rate tier; money."""
        return weighted_credits(credits, self.half_year_quota, self.tiers)

    @exact
    def bonus_to_date(self, credits: Decimal) -> Decimal:
        """Return the unrounded bonus on credits of the half-year so far."""
        return self.rate * self.weigh(credits)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthBonus(Result):
    """Bonus earned in a month; ``amount`` is money, negative after reversals."""

    credits_before: Decimal
    credits: Decimal
    weighted_before: Decimal
    weighted_to_date: Decimal


@exact
def month_bonus(
    credits_before: Decimal, credits: Decimal, terms: BonusTerms, digits: int = 2
) -> MonthBonus:
    """Return the bonus that the credits of one month earn.

    It is the rounded bonus on all credits of the half-year so far, less the rounded
    bonus on those of the months before, so rounding errors can't accumulate.

    :param credits_before: credits of the half-year before this month, money
    :param credits: credits of this month less those reversed in it, money
    :param terms: the terms in force in this month
    :param digits: decimals of the currency

    >>> terms = BonusTerms(Decimal("0.05"), Decimal(2000000))
    >>> third = Decimal("33333.33")
    >>> [str(month_bonus(third * n, third, terms).amount) for n in range(3)]
    ['1666.67', '1666.66', '1666.67']
    """
    before = decimal("credits before", credits_before)
    credits = decimal("credits", credits)
    to_date = before + credits
    earned = rnd(terms.bonus_to_date(to_date), digits)
    amount = rnd(earned - rnd(terms.bonus_to_date(before), digits), digits)
    weighted = terms.weigh(before), terms.weigh(to_date)
    return MonthBonus(
        amount=amount,
        code="bonus.month",
        inputs=inputs(
            rate=terms.rate,
            half_year_quota=terms.half_year_quota,
            credits_before=before,
            credits=credits,
            weighted_before=weighted[0],
            weighted_to_date=weighted[1],
        ),
        reason="" if amount else _why_no_bonus(credits, weighted, terms),
        credits_before=before,
        credits=credits,
        weighted_before=weighted[0],
        weighted_to_date=weighted[1],
    )


def _why_no_bonus(credits, weighted, terms: BonusTerms) -> str:
    if not terms.rate:
        return "no_part"
    if not credits:
        return "no_credits"
    return "tier_pays_nothing" if weighted[0] == weighted[1] else "too_small"


@dataclass(frozen=True, slots=True)
class SourceMonth:
    """Month of an earlier half-year whose credits are reversed.

    :param credits_before: credits of its half-year before it, money
    :param credits: credits of the month itself, money
    :param terms: the terms in force in it
    :param taken_before: credits of the month reversed in later half-years before,
        money; below zero if more were added to it than reversed
    """

    credits_before: Decimal
    credits: Decimal
    terms: BonusTerms
    taken_before: Decimal = ZERO

    def __post_init__(self):
        keep(
            self,
            credits_before=decimal("credits before", self.credits_before),
            credits=decimal("credits", self.credits),
            taken_before=decimal("taken back before", self.taken_before),
        )

    @property
    @exact
    def effective_rate(self) -> Decimal:
        """Return the bonus per credit of the month, a ratio.

        It is always between the rates of the lowest and the highest tier. If the
        credits of the month add up to zero, the rate of the next credit is used.
        """
        terms, before = self.terms, self.credits_before
        if not self.credits:
            quota = terms.half_year_quota
            return terms.rate * marginal_factor(before, quota, terms.tiers)
        to_date = terms.bonus_to_date(before + self.credits)
        return (to_date - terms.bonus_to_date(before)) / self.credits

    @exact
    def left(self, taken: Decimal, digits: int) -> Decimal:
        """Return the rounded bonus to date of its half-year, less that on ``taken``.

        :param taken: reversed credits of the month, money
        """
        to_date = self.terms.bonus_to_date(self.credits_before + self.credits)
        return rnd(to_date - self.effective_rate * taken, digits)


@exact
def clawback(source: SourceMonth, taken_back: Decimal, digits: int = 2) -> Result:
    """Return the bonus clawed back for credits of an earlier half-year.

    It is calculated at the effective rate of the month that earned it, on everything
    reversed so far. Reversing a whole month, even in parts, therefore costs exactly
    what the month earned. Within the current half-year no clawback is needed: a
    reversal there is a negative credit of the month.

    :param source: the month that earned the bonus
    :param taken_back: credits reversed now, money; below zero if an earlier reversal is
        undone, or if more was sold than assumed
    :param digits: decimals of the currency
    :return: money, negative if bonus is clawed back

    >>> terms = BonusTerms(Decimal("0.05"), Decimal(2000000))
    >>> source = SourceMonth(Decimal(0), Decimal(1000000), terms)
    >>> clawback(source, Decimal(120000)).amount
    Decimal('-6000.00')
    >>> clawback(source, Decimal(-40)).formula
    '40 of credits added at the rate of their month, 0.05 = 2.00'
    """
    now, before = decimal("credits taken back", taken_back), source.taken_before
    amount = source.left(before + now, digits) - source.left(before, digits)
    rate = source.effective_rate
    reason = "" if amount else _why_no_clawback(now, rate)
    code, amounts = "bonus.clawback", {"taken_back": now, "taken_before": before}
    if now < 0:
        code, amounts = ADDED, {"added": -now, "added_before": -before}
    return Result(
        amount=rnd(amount, digits),
        code=code,
        inputs=inputs(**amounts, effective_rate=rate),
        reason=reason,
    )


def _why_no_clawback(taken_back: Decimal, rate: Decimal) -> str:
    if not taken_back:
        return "nothing_taken_back"
    return "too_small" if rate else "tier_pays_nothing"
