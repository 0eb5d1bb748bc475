from datetime import timedelta

from odoo import api, models

from .... import paycalc
from ..border import to_decimal, to_money
from .gathered import Gathered
from .person_credits import PersonCredits

ZERO = paycalc.rnd(0)


class PayStatementFacts(models.Model):
    """Reads everything a month is calculated from: a query per kind, not per person."""

    _inherit = "nka.pay.statement"

    @api.model
    def _gather(self, employees, month, company):
        """Read the facts of a month for all of these people.

        :param employees: hr.employee, as superuser
        :param date month: first day
        :rtype: Gathered
        """
        facts = Gathered(company, month, paycalc.add_months(month, 1) - timedelta(1))
        facts.season = self._season_ending(facts)
        months = facts.season and self._months_between(
            facts.season.date_start, facts.season.date_end
        )
        facts.agreements = self._agreements_for(employees, facts)
        facts.openings = self.env["nka.pay.opening"]._for_month(
            employees, month, company
        )
        self._gather_credits(employees, facts)
        self._gather_statements(employees, facts)
        self._gather_goals(employees, facts)
        self._gather_corrections(employees, facts)
        held = {row.month for rows in facts.held.values() for row in rows}
        self._gather_days(employees, {month, *(months or ()), *held}, facts)
        self._gather_reports(employees, min({month, *held}), facts)
        return facts

    @api.model
    def _gather_credits(self, employees, facts):
        """Credits of the half-year; earlier ones only where something is taken back."""
        ledger = self.env["nka.bonus.line"]
        users = employees.user_id
        start = paycalc.half_year(facts.month)
        facts.credits = ledger._credits(facts.company, users, start, facts.last_day)
        first = min(
            (origin for rows in facts.credits.values() for _m, origin, _a in rows),
            default=start,
        )
        if first < start:
            first = paycalc.half_year(first)
            facts.credits = ledger._credits(facts.company, users, first, facts.last_day)
        facts.sources = ledger._sources(
            facts.company, users, facts.month, facts.last_day
        )

    @api.model
    def _gather_days(self, employees, months, facts):
        """Workdays of each month, of these those under an agreement."""
        spans = {
            employee.id: [
                (agreement.date_from, agreement.date_to)
                for agreement in facts.agreements.get(employee.id, ())
            ]
            for employee in employees
        }
        for month in months:
            facts.days[month] = self.env["nka.work.report"]._month_days(
                employees, month, paycalc.add_months(month, 1) - timedelta(1), spans
            )

    @api.model
    def _gather_reports(self, employees, first, facts):
        reports = self.env["nka.work.report"].search_fetch(
            [
                ("employee_id", "in", employees.ids),
                ("state", "=", "approved"),
                ("date_from", "<=", facts.last_day),
                ("date_to", ">=", first),
            ],
            ["employee_id", "date_from", "date_to"],
        )
        for report in reports:
            facts.reports.setdefault(report.employee_id.id, []).append(report)

    @api.model
    def _months_between(self, first, last):
        months = [first]
        while paycalc.add_months(months[-1], 1) <= last:
            months.append(paycalc.add_months(months[-1], 1))
        return months

    @api.model
    def _season_ending(self, facts):
        return self.env["nka.season"].search(
            [("company_id", "=", facts.company.id), ("date_end", "=", facts.last_day)],
            limit=1,
        )

    @api.model
    def _agreements_for(self, employees, facts):
        """All agreements: clawbacks reach back to the terms of their month."""
        found = self.env["nka.pay.agreement"].search(
            [
                ("employee_id", "in", employees.ids),
                ("company_id", "=", facts.company.id),
                ("state", "in", ("accepted", "ended")),
            ],
            order="employee_id, date_from",
        )
        by_employee = {}
        for agreement in found:
            by_employee.setdefault(agreement.employee_id.id, []).append(agreement)
        return by_employee

    @api.model
    def _gather_statements(self, employees, facts):
        """The month before, months that hold pay, and what was released of them."""
        earlier = self.search_fetch(
            [
                ("employee_id", "in", employees.ids),
                ("company_id", "=", facts.company.id),
                ("month", "<", facts.month),
                ("state", "!=", "open"),
            ],
            [
                "employee_id",
                "month",
                "fixed_amount",
                "held_amount",
                "balance",
                "half_year_quota",
            ],
            order="month",
        )
        for statement in earlier:
            key = statement.employee_id.id, statement.month
            quota = to_money(statement.half_year_quota, facts.company.currency_id)
            facts.quotas[key] = quota
            facts.previous[statement.employee_id.id] = statement
            if statement.held_amount:
                facts.held.setdefault(statement.employee_id.id, []).append(statement)
        self._gather_settled(earlier, facts)
        self._drop_settled(facts)

    @api.model
    def _gather_settled(self, earlier, facts):
        """What lines of earlier statements released or took back, by source month."""
        rows = self.env["nka.pay.statement.line"]._read_group(
            [
                ("statement_id", "in", earlier.ids),
                ("kind", "=", "release"),
            ],
            ["statement_id", "source_month:month"],
            ["amount:sum"],
        )
        for statement, month, amount in rows:
            key = statement.employee_id.id, month
            amount = to_money(amount, facts.company.currency_id)
            facts.released[key] = facts.released.get(key, 0) + amount

    @api.model
    def _drop_settled(self, facts):
        """Months of which everything was released need no more looking at."""
        currency = facts.company.currency_id
        for employee_id, statements in facts.held.items():
            facts.held[employee_id] = [
                row
                for row in statements
                if facts.released.get((employee_id, row.month), ZERO)
                < to_money(row.held_amount, currency)
            ]

    @api.model
    def _gather_goals(self, employees, facts):
        if facts.season:
            goals = facts.season.goal_ids.filtered(
                lambda goal: goal.employee_id in employees
            )
            for goal in goals:
                facts.goals.setdefault(goal.employee_id.id, []).append(goal)

    @api.model
    def _gather_corrections(self, employees, facts):
        """Approved corrections that no other statement pays."""
        corrections = self.env["nka.pay.correction"].search(
            [
                ("employee_id", "in", employees.ids),
                ("company_id", "=", facts.company.id),
                ("state", "=", "approved"),
                ("statement_id.month", "<", facts.month),
                "|",
                ("settled_id", "=", False),
                ("settled_id.month", "=", facts.month),
            ],
            order="id",
        )
        for correction in corrections:
            facts.corrections.setdefault(correction.employee_id.id, []).append(
                correction
            )

    # ------------------------------------------------------------ preparing
    @api.model
    def _prepare_facts(self, employee, facts):
        """One person's month for the arithmetic; writes nothing.

        :rtype: paycalc.MonthFacts
        :raise paycalc.PayError: when terms or facts can't be paid by
        """
        agreement = facts.agreement_of(employee)
        terms = agreement._agreement_terms()
        own = PersonCredits(facts, employee)
        before = facts.statement_before(employee) or facts.openings.get(employee.id)
        currency = facts.company.currency_id
        balance = to_money(before.balance, currency) if before else ZERO
        return paycalc.MonthFacts(
            month=facts.month,
            plan=agreement._plan_terms(),
            agreement=terms,
            days=facts.days_in(employee, facts.month),
            credits=own.of_month,
            standing=paycalc.Standing(
                paycalc.half_year(facts.month), own.before, balance
            ),
            season=self._prepare_season(employee, facts),
            retro=paycalc.Retro(
                releases=tuple(
                    result for _month, result in self._releases(employee, facts)
                ),
                clawbacks=tuple(
                    result for _month, result in own.clawbacks(currency.decimal_places)
                ),
                corrections=tuple(
                    correction._correction()
                    for correction in facts.corrections.get(employee.id, ())
                ),
            ),
            quota_months=facts.quota_months_paid(
                employee, facts.month, terms.monthly_quota
            ),
        )

    @api.model
    def _prepare_season(self, employee, facts):
        if not facts.season:
            return None
        months = self._months_between(facts.season.date_start, facts.season.date_end)
        goals = facts.goals.get(employee.id, ())
        return paycalc.Season(
            tuple(self._soft_month(employee, facts, month) for month in months),
            tuple(goal._outcome() for goal in goals),
            # As the goals show it, whatever version began within the season.
            goals[0]._scale() if goals else None,
        )

    @api.model
    def _soft_month(self, employee, facts, month):
        days = facts.days_in(employee, month)
        agreement = facts.agreement_in(employee, month)
        if not agreement:
            return paycalc.SoftMonth(ZERO, days)
        terms = agreement._agreement_terms()
        return paycalc.SoftMonth(terms.split(agreement._plan_terms()).soft, days)

    @api.model
    def _releases(self, employee, facts):
        """What reports approved late release, by month.

        :return: list of (month, paycalc.Result)
        """
        currency = facts.company.currency_id
        results = []
        for statement in facts.held.get(employee.id, ()):
            paid = to_money(statement.fixed_amount, currency)
            released = facts.released.get((employee.id, statement.month), ZERO)
            employed, covered = self._days_to_prove(employee, statement, facts)
            held = paycalc.HeldMonth(
                paid + to_money(statement.held_amount, currency),
                employed,
                covered,
                paid + released,
            )
            result = paycalc.release_held(held, currency.decimal_places)
            if result.amount:
                results.append((statement.month, result))
        return results

    @api.model
    def _days_to_prove(self, employee, statement, facts):
        """Employed and covered days of a held month, as known now.

        A day that turned out to be no workday of his since (a holiday told late, the
        end of a contract) can't be proven any more, and doesn't have to be.

        :return: (employed, covered)
        """
        days = facts.days_in(employee, statement.month)
        employed = min(to_decimal(statement.employed_days, 1), days.employed)
        return employed, min(days.covered, employed)
