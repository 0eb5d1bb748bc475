"""One person's credits, sorted by where they count. Plain Python over facts read."""

from ... import paycalc

ZERO = paycalc.rnd(0)


class PersonCredits:
    """One person's credits, divided into this half-year's and those of earlier ones.

    Clawbacks for an earlier half-year, and credits restored there, don't count here:
    they settle at the rate of their own month, or after the end of an agreement at the
    rate of its terms. If that month is before the first agreement, there is no such
    rate and they count here.

    :param Gathered facts: facts of a month
    :param employee: hr.employee
    """

    def __init__(self, facts, employee):
        self.facts, self.employee = facts, employee
        self.rows = facts.credits.get(employee.user_id.id, ())
        self.opening = facts.openings.get(employee.id)

    def _is_brought(self, month):
        """Return whether an opening balance covers the credits of a month."""
        opening, years = self.opening and self.opening.month, self.facts.years
        return bool(
            opening
            and month < opening
            and years.half_year(month) == years.half_year(opening)
        )

    def is_earlier(self, month, origin):
        """Return whether an amount of a month settles a month of an earlier half-year.

        :param date month: first day of the month in which it counts
        :param date origin: first day of the month it was credited in
        :rtype: bool
        """
        years = self.facts.years
        return years.half_year(origin) < years.half_year(month) and bool(
            self.facts.terms_in(self.employee, origin)
        )

    def _own(self, month):
        """Return the credits that count in a month itself."""
        return sum(
            (
                amount
                for row_month, origin, amount in self.rows
                if row_month == month and not self.is_earlier(month, origin)
            ),
            ZERO,
        )

    @property
    def of_month(self):
        """Credits of the current month."""
        return self._own(self.facts.month)

    @property
    def before(self):
        """Credits of the half-year before the current month."""
        return self._before(self.facts.month)

    def _before(self, month):
        """Return the credits of the half-year before a month, including those
        brought forward.
        """
        start = self.facts.years.half_year(month)
        months = {row[0] for row in self.rows if start <= row[0] < month}
        brought = ZERO
        if self.opening and self.opening.month <= month:
            brought = self.opening._credits_for(start)
            months = {day for day in months if not self._is_brought(day)}
        return sum((self._own(row_month) for row_month in months), brought)

    def clawbacks(self):
        """Return clawbacks and additions for earlier half-years, by month of origin.

        If credits were reversed and restored within the month, the result is zero but
        listed: its lines are part of what the month was calculated from.

        :return: list of (month, paycalc.Result)
        """
        taken_now, taken_before = {}, {}
        for month, origin, amount in self.rows:
            if self.is_earlier(month, origin):
                taken = taken_now if month == self.facts.month else taken_before
                taken[origin] = taken.get(origin, ZERO) - amount
        return [
            (
                origin,
                self._clawback(origin, now, taken_before.get(origin, ZERO)),
            )
            for origin, now in sorted(taken_now.items())
        ]

    def _clawback(self, origin, now, before):
        agreement = self.facts.terms_in(self.employee, origin)
        own = agreement._agreement_terms()
        months = self.facts.quota_months(self.employee, origin, own.monthly_quota)
        terms = own.bonus_terms(agreement._plan_terms(), months)
        source = paycalc.SourceMonth(
            self._before(origin), self._own(origin), terms, before
        )
        return paycalc.clawback(source, now, self.facts.currency.decimal_places)
