"""Facts of one person's month, as ``paycalc`` needs them."""

from functools import cached_property

from ... import paycalc
from ..pay.border import to_decimal, to_money
from .person_credits import PersonCredits

ZERO = paycalc.rnd(0)


class PersonMonth:
    """Facts that one person's pay for a month is calculated from; no database access.

    :param Gathered facts: facts of the month
    :param employee: hr.employee
    :param agreement: agreement to use if none is in force and nothing is owed
    """

    def __init__(self, facts, employee, agreement=None):
        self.facts, self.employee = facts, employee
        self.credits = PersonCredits(facts, employee)
        self.agreement = facts.agreement_of(employee) or agreement
        self.opening = facts.openings.get(employee.id)
        self.goals = facts.goals.get(employee.id, ())
        self.corrections = facts.corrections.get(employee.id, ())

    def month_facts(self):
        """Return the month as passed to ``paycalc``.

        :rtype: paycalc.MonthFacts
        :raise paycalc.PayError: if the terms or facts are invalid for a calculation
        """
        facts, employee = self.facts, self.employee
        terms = self.agreement._agreement_terms()
        return paycalc.MonthFacts(
            month=facts.month,
            plan=self.agreement._plan_terms(),
            agreement=terms,
            days=facts.days_in(employee, facts.month),
            credits=self.credits.of_month,
            standing=self._standing(),
            season=self._season() if facts.season else None,
            retro=paycalc.Retro(
                releases=tuple(result for _month, result in self.releases),
                clawbacks=tuple(result for _month, result in self.clawbacks),
                corrections=tuple(row._correction() for row in self.corrections),
            ),
            quota_months=facts.quota_months(employee, facts.month, terms.monthly_quota),
            half_year=facts.years.half_year(facts.month),
            loyalty_state=facts.loyalty_state(employee),
        )

    def _standing(self):
        before = self.facts.statement_before(self.employee) or self.opening
        balance = to_money(before.balance, self.facts.currency) if before else ZERO
        half_year = self.facts.years.half_year(self.facts.month)
        return paycalc.Standing(
            half_year,
            self.credits.before,
            balance,
            *self.facts.loyalty_before(self.employee),
        )

    def _season(self):
        return paycalc.Season(
            tuple(self._soft_month(month) for month in self.facts.season_months),
            tuple(goal._outcome() for goal in self.goals),
            # As the goals show it, even if another plan version began within the
            # season.
            self.goals[0]._scale() if self.goals else None,
        )

    def _soft_month(self, month):
        days = self.facts.days_in(self.employee, month)
        agreement = self.facts.agreement_in(self.employee, month)
        if not agreement:
            return paycalc.SoftMonth(ZERO, days)
        terms = agreement._agreement_terms()
        return paycalc.SoftMonth(terms.split(agreement._plan_terms()).soft, days)

    @cached_property
    def clawbacks(self):
        """Clawbacks for earlier half-years, as (month, paycalc.Result)."""
        return self.credits.clawbacks()

    @cached_property
    def releases(self):
        """Held pay released by late reports, as (month, paycalc.Result)."""
        results = (
            (statement.month, self._release(statement))
            for statement in self.facts.held.get(self.employee.id, ())
        )
        return [(month, result) for month, result in results if result.amount]

    def _release(self, statement):
        currency = self.facts.currency
        paid = to_money(statement.fixed_amount, currency)
        employed, covered = self._days_to_prove(statement)
        held = paycalc.HeldMonth(
            paid + to_money(statement.held_amount, currency),
            employed,
            covered,
            paid + self.facts.released[self.employee.id, statement.month],
        )
        return paycalc.release_held(held, currency.decimal_places)

    def _days_to_prove(self, statement):
        """Return employed and covered days of a month with held pay, as known now.

        If a day is no longer a workday of the employee (a holiday entered late, the end
        of a contract), it can't be covered and doesn't need to be. If it became unpaid
        leave, it isn't paid, and its held pay isn't released.
        """
        days = self.facts.days_in(self.employee, statement.month)
        employed = min(
            to_decimal(statement.employed_days, 4),
            days.employed + self._unpaid_since(statement, days),
        )
        return employed, min(days.covered, employed)

    def _unpaid_since(self, statement, days):
        """Return days of a closed month that became unpaid leave since."""
        if not self._is_deducted(statement.month):
            return ZERO
        return max(ZERO, days.unpaid - to_decimal(statement.unpaid_days, 4))

    def _is_deducted(self, month):
        agreement = self.facts.agreement_in(self.employee, month)
        return bool(agreement) and agreement._span()[-1]

    def never_due(self, statement):
        """Return held pay of a closed month for days that became unpaid leave since.

        :param statement: nka.pay.statement
        :rtype: Decimal
        """
        currency, month = self.facts.currency, statement.month
        days = self.facts.days_in(self.employee, month)
        since = self._unpaid_since(statement, days)
        employed = to_decimal(statement.employed_days, 4)
        held = to_money(statement.held_amount, currency)
        if not (since and employed and held):
            return ZERO
        earned = held + to_money(statement.fixed_amount, currency)
        part = paycalc.rnd(earned * since / employed, currency.decimal_places)
        return min(held, part)
