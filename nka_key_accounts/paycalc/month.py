"""Pay of one manager for one month in a single call (docs/pay.md, 7)."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .bonus import BonusTerms
from .fixed import fixed_pay
from .goals import Outcome, Scale
from .loyalty import VESTED, LoyaltyPay
from .money import ZERO, decimal, keep
from .period import check_month
from .plan_terms import AgreementTerms, PlanTerms
from .proration import MonthDays
from .replay import START, BonusMonth, CreditMonth, Standing, bonus_step
from .season import SoftMonth, SoftPay, season_pool, soft_pay
from .statement import NO_RETRO, Retro, Statement, assemble_statement


@dataclass(frozen=True, slots=True)
class Season:
    """Season that ends in the month.

    :param months: every month of the season
    :param outcomes: one per goal
    :param scale: threshold and cap that the goals were agreed under; by default those
        of the plan in force in the month
    """

    months: tuple[SoftMonth, ...]
    outcomes: tuple[Outcome, ...]
    scale: Scale | None = None


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """Inputs for one manager's pay of a month.

    :param month: first day of the month
    :param plan: the plan version in force
    :param agreement: the agreement in force, including currency digits
    :param days: scheduled, employed and covered days
    :param credits: credits of the month less reversals of the same half-year, money
    :param standing: credits and draw balance before the month
    :param season: in the last month of a season, else None
    :param retro: amounts from closed months
    :param quota_months: months of the half-year under an agreement, 1 to 6
    :param half_year: first day of the month's half-year; required if the company's
        years don't start in January
    :param loyalty_state: whether the loyalty share is held, vested or lapsed
    """

    month: date
    plan: PlanTerms
    agreement: AgreementTerms
    days: MonthDays
    credits: Decimal = ZERO
    standing: Standing = START
    season: Season | None = None
    retro: Retro = field(default=NO_RETRO)
    quota_months: int = 6
    half_year: date | None = None
    loyalty_state: str = VESTED

    def __post_init__(self):
        credits = decimal("credits", self.credits)
        keep(self, month=check_month(self.month), credits=credits)

    @property
    def bonus_terms(self) -> BonusTerms:
        """Return rate, quota and tiers in force in the month."""
        return self.agreement.bonus_terms(self.plan, self.quota_months)


@dataclass(frozen=True, slots=True)
class MonthPay:
    """Statement of a month, and the state carried to the next one."""

    statement: Statement
    bonus: BonusMonth

    @property
    def loyalty(self) -> LoyaltyPay:
        """Return the share of the bonus that is held, vests or lapses."""
        return self.bonus.loyalty

    @property
    def standing(self) -> Standing:
        """Return credits of the half-year, draw balance and loyalty share after it."""
        return self.bonus.standing


def month_pay(facts: MonthFacts) -> MonthPay:
    """Calculate one manager's pay of a month.

    :param facts: terms, days, credits, goals and amounts from closed months
    :return: the statement, and the state after the month
    :raises PayError: if terms or facts can't be used; the message says what to do
    """
    agreement, plan, digits = facts.agreement, facts.plan, facts.agreement.digits
    split = agreement.split(plan)
    fixed = fixed_pay(split.fixed, facts.days, plan.policy, agreement.floor, digits)
    bonus = _bonus(facts, digits)
    statement = assemble_statement(
        split,
        fixed,
        bonus.bonus,
        bonus.paid,
        soft=_soft(facts, digits),
        retro=facts.retro,
        digits=digits,
        loyalty=bonus.loyalty,
    )
    return MonthPay(statement=statement, bonus=bonus)


def _bonus(facts: MonthFacts, digits: int) -> BonusMonth:
    month = CreditMonth(
        month=facts.month,
        credits=facts.credits,
        terms=facts.bonus_terms,
        draw=facts.agreement.draw_terms,
        retro=facts.retro.bonus(digits),
        proportion=facts.days.proportion,
        half_year=facts.half_year,
        loyalty_share=facts.plan.loyalty_share,
        loyalty_state=facts.loyalty_state,
    )
    return bonus_step(facts.standing, month, digits)


def _soft(facts: MonthFacts, digits: int) -> SoftPay | None:
    if facts.season is None:
        return None
    season = facts.season
    pool = season_pool(season.months, digits)
    return soft_pay(pool, season.outcomes, season.scale or facts.plan.scale, digits)
