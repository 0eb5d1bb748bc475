"""Facts that pay is calculated from, read with one query per type of fact."""

from collections import defaultdict
from datetime import timedelta

from ... import paycalc
from ..facts import calendars
from ..pay.border import to_money
from .held_credits import HeldCredits

ZERO = paycalc.rnd(0)


class Gathered:
    """Facts of one month for some employees, with methods that look them up.

    Facts are stored by employee id, those of the ledger by user id.

    :ivar agreements: all nka.pay.agreement by start, because clawbacks use the terms of
        their own month
    :ivar openings: nka.pay.opening, where a balance was brought forward
    :ivar credits: (month, month of origin, amount) by user id
    :ivar sources: (ledger line id, month of origin) of the month by user id
    :ivar previous: the last calculated statement before the month
    :ivar held: earlier statements with fixed pay that isn't released yet
    :ivar released: amounts released so far, by employee id and month
    :ivar quotas: half-year quota by which an earlier month was paid, by employee id and
        month
    :ivar season: nka.season that ends in the month, with its ``season_months``
    :ivar goals: nka.season.goal of that season
    :ivar corrections: approved nka.pay.correction that no other statement pays
    :ivar days: paycalc.MonthDays under an agreement, by month and employee id
    :ivar unpaid_leaves: ids of the month's unpaid hr.leave records by employee id
    :ivar uncounted: the month's time off that doesn't fully count, by employee id
    :ivar years: paycalc.Years of the company
    :ivar reports: approved nka.work.report
    """

    def __init__(self, employees, month, company, closed=None):
        """Read the facts for one company, regardless of the user's access rights.

        :param employees: hr.employee
        :param date month: first day
        :param company: res.company
        :param closed: nka.pay.statement of a closed month to compare with; what they
            held stays held, because a later month counts it
        """
        self.closed = closed
        self.employees = employees.sudo().with_company(company)
        self.env = self.employees.env
        self.company, self.currency = company, company.currency_id
        self.month = month
        self.years = company._nka_years()
        self.last_day = _last_day(month)
        self.season = self._read_season()
        self.season_months = self._months_of_season()
        self.agreements = self._read_agreements()
        self.openings = self.env["nka.pay.opening"]._for_month(
            self.employees, month, company
        )
        self._read_credits()
        self._read_statements()
        self._read_bound()
        self.goals = self._by_employee(
            self.season.goal_ids.filtered(lambda row: row.employee_id in self.employees)
        )
        self.corrections = self._by_employee(
            self.env["nka.pay.correction"]._payable_in(month, company, self.employees)
        )
        months_held = {row.month for rows in self.held.values() for row in rows}
        self.days = self._read_days({month, *self.season_months, *months_held})
        self.unpaid_leaves, self.uncounted = self._read_leaves()
        self.reports = self._read_reports(min({month, *months_held}))

    # ------------------------------------------------------------ reading
    def _by_employee(self, records):
        return records.grouped(lambda record: record.employee_id.id)

    def _read_season(self):
        return self.env["nka.season"].search(
            [("company_id", "=", self.company.id), ("date_end", "=", self.last_day)],
            limit=1,
        )

    def _months_of_season(self):
        if not self.season:
            return []
        months = [self.season.date_start]
        while paycalc.add_months(months[-1], 1) <= self.season.date_end:
            months.append(paycalc.add_months(months[-1], 1))
        return months

    def _read_agreements(self):
        found = self.env["nka.pay.agreement"].search(
            [
                ("employee_id", "in", self.employees.ids),
                ("company_id", "=", self.company.id),
                ("state", "in", ("accepted", "ended")),
            ],
            order="date_from",
        )
        return self._by_employee(found)

    def _read_credits(self):
        """Read credits of the half-year; earlier ones only if there are clawbacks."""
        ledger, users = self.env["nka.bonus.line"], self.employees.user_id
        start = self.years.half_year(self.month)
        self.credits = ledger._credits(self.company, users, start, self.last_day)
        first = min(
            (origin for rows in self.credits.values() for _m, origin, _a in rows),
            default=start,
        )
        if first < start:
            first = self.years.half_year(first)
            self.credits = ledger._credits(self.company, users, first, self.last_day)
        self.sources = ledger._sources(self.company, users, self.month, self.last_day)

    def _read_statements(self):
        """Read the last month, months with held pay, and what was released."""
        earlier = self.env["nka.pay.statement"].search_fetch(
            [
                ("employee_id", "in", self.employees.ids),
                ("company_id", "=", self.company.id),
                ("month", "<", self.month),
                ("state", "!=", "open"),
            ],
            [
                "employee_id",
                "month",
                "fixed_amount",
                "held_amount",
                "balance",
                "half_year_quota",
                "loyalty_held",
                "loyalty_lapsed",
            ],
            order="month",
        )
        self.previous = {row.employee_id.id: row for row in earlier}
        self.quotas = {
            (row.employee_id.id, row.month): to_money(
                row.half_year_quota, self.currency
            )
            for row in earlier
        }
        self.earlier = earlier
        self.released = self._read_released(earlier)
        self.held = self._by_employee(earlier.filtered(self._is_holding))

    def _read_bound(self):
        """Move credits to the month in which their documents were approved, and read
        contracts and renewals where a loyalty share depends on them.
        """
        self.bound = HeldCredits(self, self.earlier)
        self.credits, self.sources = self.bound.moved(self.credits, self.sources)
        asking = self.employees.filtered(self._has_loyalty)
        self.contracts = calendars.contract_spans(asking) if asking else {}
        self.renewals = self._read_renewals(asking) if asking else set()

    def _read_renewals(self, employees):
        """Return first days of agreements that aren't accepted yet: (employee id, day).

        While the employee hasn't accepted a renewal, the employment hasn't ended.
        """
        rows = self.env["nka.pay.agreement"].search_fetch(
            [
                ("employee_id", "in", employees.ids),
                ("company_id", "=", self.company.id),
                ("state", "in", ("draft", "proposed")),
            ],
            ["employee_id", "date_from"],
        )
        return {(row.employee_id.id, row.date_from) for row in rows}

    def _has_loyalty(self, employee):
        return bool(
            any(self.loyalty_before(employee))
            or self.loyalty_share(self.terms_in(employee, self.month))
        )

    def _read_released(self, earlier):
        rows = self.env["nka.pay.statement.line"]._read_group(
            [("statement_id", "in", earlier.ids), ("kind", "=", "release")],
            ["statement_id", "source_month:month"],
            ["amount:sum"],
        )
        released = defaultdict(lambda: ZERO)
        for statement, month, amount in rows:
            key = statement.employee_id.id, month
            released[key] += to_money(amount, self.currency)
        return released

    def _is_holding(self, statement):
        """Return whether a month has held pay that isn't fully released."""
        held = to_money(statement.held_amount, self.currency)
        return self.released[statement.employee_id.id, statement.month] < held

    def _read_days(self, months):
        """Return the workdays of each month, and how many are under an agreement."""
        spans = {
            employee.id: [
                agreement._span() for agreement in self.agreements.get(employee.id, ())
            ]
            for employee in self.employees
        }
        reports = self.env["nka.work.report"]
        return {
            month: reports._month_days(self.employees, month, _last_day(month), spans)
            for month in months
        }

    def _read_leaves(self):
        """Return the month's unpaid leave, and uncounted time off, by employee id."""
        found = self.env["nka.work.report"]._unpaid_leaves(
            self.employees, self.month, self.last_day
        )
        return (
            {id_: ids for id_, (ids, _rows) in found.items()},
            {id_: rows for id_, (_ids, rows) in found.items()},
        )

    def _read_reports(self, first):
        reports = self.env["nka.work.report"].search_fetch(
            [
                ("employee_id", "in", self.employees.ids),
                ("state", "=", "approved"),
                ("date_from", "<=", self.last_day),
                ("date_to", ">=", first),
            ],
            ["employee_id", "date_from", "date_to"],
        )
        return self._by_employee(reports)

    # ------------------------------------------------------------ lookups
    def statement_before(self, employee):
        """Return the statement whose balance carries over.

        An opening balance replaces earlier statements.

        :param employee: hr.employee
        :return: nka.pay.statement or None
        """
        last, opening = self.previous.get(employee.id), self.openings.get(employee.id)
        return None if last and opening and last.month < opening.month else last

    def agreement_in(self, employee, month):
        """Return the agreement that covers a day of a month; of two, the later one.

        :param employee: hr.employee
        :param date month: first day
        :return: nka.pay.agreement or None
        """
        end = paycalc.add_months(month, 1)
        covering = [
            agreement
            for agreement in self.agreements.get(employee.id, ())
            if agreement.date_from < end
            and (not agreement.date_to or agreement.date_to >= month)
        ]
        return covering[-1] if covering else None

    def agreement_of(self, employee):
        """Return the agreement to pay the month by.

        If it ended before, this is the last one, as long as something is still owed
        from it.

        :param employee: hr.employee
        :return: nka.pay.agreement or None
        """
        agreement = self.agreement_in(employee, self.month)
        if agreement or not self._is_owed(employee):
            return agreement
        return self.terms_in(employee, self.month)

    def terms_in(self, employee, month):
        """Return the agreement whose terms apply to a month.

        It covers a day of the month, or is the last one that ended before.

        :param employee: hr.employee
        :param date month: first day
        :return: nka.pay.agreement; None before the first one
        """
        ended = [
            agreement
            for agreement in self.agreements.get(employee.id, ())
            if agreement.date_to and agreement.date_to < month
        ]
        return self.agreement_in(employee, month) or (ended[-1] if ended else None)

    def _is_owed(self, employee):
        owed = (self.held, self.corrections, self.goals)
        return (
            bool(self.sources.get(employee.user_id.id))
            or any(rows.get(employee.id) for rows in owed)
            or self.is_vesting(employee)
            or bool(self.bound.held.get(employee.id))
        )

    @staticmethod
    def loyalty_share(agreement):
        """Return the loyalty share of an agreement, in percent; 0 without one."""
        return agreement.version_id.loyalty_share if agreement else 0.0

    def loyalty_before(self, employee):
        """Return what is held of the bonus of earlier months, and what lapsed.

        :param employee: hr.employee
        :rtype: tuple[Decimal, Decimal]
        """
        last = self.previous.get(employee.id)
        if not last:
            return ZERO, ZERO
        return (
            to_money(last.loyalty_held, self.currency),
            to_money(last.loyalty_lapsed, self.currency),
        )

    def loyalty_state(self, employee):
        """Return whether the loyalty share is held, vested or lapsed in the month.

        Employment ends with an agreement that no other follows; unless the employee
        ended it, it counts as ended by the company.

        :param employee: hr.employee
        :rtype: str
        """
        agreement = self.terms_in(employee, self.month)
        if not agreement or not self._has_loyalty(employee):
            return paycalc.VESTED
        return paycalc.loyalty_state(
            self._first_day(employee),
            self.last_day,
            self.left_on(employee),
            agreement.ended_by == "employee",
        )

    def left_on(self, employee):
        """Return the last day of the employment, or None while an agreement is open,
        followed by another or waits to be renewed.

        :param employee: hr.employee
        :rtype: date | None
        """
        agreement = self.terms_in(employee, self.month)
        last_day = agreement.date_to
        if not last_day:
            return None
        following = last_day + timedelta(1)
        if any(row.date_from == following for row in self.agreements[employee.id]):
            return None
        is_renewed = (employee.id, following) in self.renewals
        return None if is_renewed and not agreement.ended_by else last_day

    def _first_day(self, employee):
        """Return the first day of the employment without a break, by contracts and
        agreements.
        """
        spans = [*self.contracts.get(employee.id, ())]
        spans += [
            (row.date_from, row.date_to or None) for row in self.agreements[employee.id]
        ]
        last_day = self.left_on(employee) or self.last_day
        return paycalc.employment_start(spans, min(last_day, self.last_day))

    def vesting_day(self, employee):
        """Return the day on which twelve months of employment are complete.

        :param employee: hr.employee
        :rtype: date
        """
        return paycalc.vesting_day(self._first_day(employee))

    def is_vesting(self, employee):
        """Return whether held bonus of earlier months is paid or lapses in the month.

        :param employee: hr.employee
        :rtype: bool
        """
        held, _lapsed = self.loyalty_before(employee)
        return bool(held) and self.loyalty_state(employee) != paycalc.HOLDING

    def days_in(self, employee, month):
        """Return the days of a month under an agreement; none without workdays.

        :param employee: hr.employee
        :param date month: first day
        :rtype: paycalc.MonthDays
        """
        return self.days[month].get(employee.id) or paycalc.MonthDays(1, 0)

    def quota_months(self, employee, month, monthly_quota):
        """Return the number of months with a quota in a month's half-year, at least 1.

        A month that was paid keeps its number: agreements added or ended later don't
        move its rate tiers. A half-year after the end of an agreement uses that of the
        half-year in which it ended, so that a leaver's tiers don't start again with a
        smaller quota.

        :param employee: hr.employee
        :param date month: first day
        :param Decimal monthly_quota: quota of the agreement
        :rtype: int
        """
        quota = self.quotas.get((employee.id, month))
        if quota:
            return int(quota / monthly_quota)
        count = self.years.months_of_half_year(month)
        agreed = self._months_agreed(employee, month, count)
        return agreed or self._months_at_end(employee, month)

    def _months_at_end(self, employee, month):
        """Return the number for the half-year of the last agreement before a month."""
        last = self.terms_in(employee, month)
        if not last:
            return 1
        count = self.years.months_of_half_year(last.date_to)
        return self._months_agreed(employee, last.date_to, count)

    def quota_months_to_date(self, employee):
        """Return the number of months with a quota so far in the half-year.

        :param employee: hr.employee
        :rtype: int
        """
        count = self.years.months_passed(self.month) + 1
        return self._months_agreed(employee, self.month, count)

    def _months_agreed(self, employee, month, count):
        start = self.years.half_year(month)
        months = [paycalc.add_months(start, number) for number in range(count)]
        opening = self.openings.get(employee.id)
        known = opening._covered_months() if opening else ()
        return sum(m in known or bool(self.agreement_in(employee, m)) for m in months)


def _last_day(month):
    return paycalc.add_months(month, 1) - timedelta(1)
