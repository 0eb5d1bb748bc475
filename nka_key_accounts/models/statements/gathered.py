"""What pay is calculated from, read at once. Plain Python over what was read."""

from dataclasses import dataclass, field

from ... import paycalc


@dataclass
class Gathered:
    """What a set of people's pay of one month is calculated from, read at once.

    :param agreements: nka.pay.agreement by employee id, those of the half-year and
        season; the month's own by ``terms``
    :param days: MonthDays under an agreement, by month and employee id
    :param credits: (month, month of origin, amount) by user id
    :param standing: statement of the month before by employee id
    :param held: earlier statements that hold fixed pay, by employee id
    :param sources: (ledger line id, month of origin) of the month by user id
    :param reports: approved reports by employee id
    :param released: released so far by employee id and month
    :param season: season that ends in the month, with ``goals`` by employee id
    :param corrections: approved corrections to pay, by employee id
    :param openings: nka.pay.opening by employee id, where one is brought forward
    :param quotas: half-year quota that a paid month went by, by employee id and month
    """

    company: object
    month: object
    last_day: object
    agreements: dict = field(default_factory=dict)
    days: dict = field(default_factory=dict)
    credits: dict = field(default_factory=dict)
    previous: dict = field(default_factory=dict)
    held: dict = field(default_factory=dict)
    released: dict = field(default_factory=dict)
    season: object = None
    goals: dict = field(default_factory=dict)
    sources: dict = field(default_factory=dict)
    reports: dict = field(default_factory=dict)
    corrections: dict = field(default_factory=dict)
    openings: dict = field(default_factory=dict)
    quotas: dict = field(default_factory=dict)

    def statement_before(self, employee):
        """The statement that hands its balance on; an opening cuts off earlier ones."""
        last, opening = self.previous.get(employee.id), self.openings.get(employee.id)
        return None if last and opening and last.month < opening.month else last

    def agreement_in(self, employee, month):
        """The agreement that covers a day of a month; the last when two do."""
        end = paycalc.add_months(month, 1)
        covering = [
            agreement
            for agreement in self.agreements.get(employee.id, ())
            if agreement.date_from < end
            and (not agreement.date_to or agreement.date_to >= month)
        ]
        return covering[-1] if covering else None

    def agreement_of(self, employee):
        """The agreement to pay the month by; when it ended before, the last one, as
        long as the time under it still owes something.
        """
        agreement = self.agreement_in(employee, self.month)
        if agreement or not self._is_owed(employee):
            return agreement
        ended = [
            agreement
            for agreement in self.agreements.get(employee.id, ())
            if agreement.date_to and agreement.date_to < self.month
        ]
        return ended[-1] if ended else None

    def _is_owed(self, employee):
        owed = (self.held, self.corrections, self.goals)
        return employee.user_id.id in self.sources or any(
            rows.get(employee.id) for rows in owed
        )

    def days_in(self, employee, month):
        """Days of a month under an agreement; none for who had no workday at all."""
        return self.days[month].get(employee.id) or paycalc.MonthDays(1, 0)

    def quota_months(self, employee, month):
        """Months with a quota in the half-year of a month, at least one."""
        return self._months_agreed(employee, month, 6) or 1

    def quota_months_paid(self, employee, month, monthly_quota):
        """The same; of a month that was paid already, as it was paid: agreements made
        or ended since move its tiers no more.
        """
        quota = self.quotas.get((employee.id, month))
        return (
            int(quota / monthly_quota) if quota else self.quota_months(employee, month)
        )

    def quota_months_to_date(self, employee):
        """The same up to the month at hand."""
        return self._months_agreed(employee, self.month, (self.month.month - 1) % 6 + 1)

    def _months_agreed(self, employee, month, count):
        start = paycalc.half_year(month)
        months = [paycalc.add_months(start, number) for number in range(count)]
        opening = self.openings.get(employee.id)
        known = opening._covered_months() if opening else ()
        return sum(m in known or bool(self.agreement_in(employee, m)) for m in months)
