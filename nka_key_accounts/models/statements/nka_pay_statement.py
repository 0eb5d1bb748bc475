from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, formatLang

from ... import paycalc
from ...paycalc import add_months
from ..pay.border import explain_refusal, to_decimal, to_money
from ..trail.roles import PAYROLL_OFFICER, SUPERVISOR
from .gathered import Gathered
from .person_credits import PersonCredits
from .variance_components import COMPONENTS, component_of, line_key
from .variance_reasons import MonthFigures

AMOUNTS = (
    "fixed_amount",
    "held_amount",
    "soft_amount",
    "bonus_amount",
    "carry_amount",
    "retro_amount",
    "total_amount",
)

RESULT_FIELDS = (
    *AMOUNTS,
    "agreement_id",
    "balance_before",
    "balance",
    "credit_amount",
    "half_year_credits",
    "half_year_quota",
    "quota_to_date",
    "employed_days",
    "covered_days",
    "shares",
    "exception",
    "supervisor_ids",
    "calculated_by_id",
    "calculated_date",
    "approved_by_id",
    "approved_date",
)

ZERO = paycalc.rnd(0)
#: Codes of results that come from credits of earlier half-years.
CREDITS_OF_CLOSED = ("bonus.clawback", "bonus.added")
FIRST = datetime.min
ZERO = paycalc.rnd(0)


class PayStatement(models.Model):
    """One person's pay of one month, line by line (docs: pay, statement)."""

    _name = "nka.pay.statement"
    _description = "Pay statement"
    _inherit = ["nka.state.mixin"]
    _order = "month desc, employee_id"
    _rec_names_search = ["user_id"]
    _guarded_fields = (
        "state",
        "employee_id",
        "user_id",
        "month",
        "company_id",
        *RESULT_FIELDS,
    )
    _audit_readers = "record"

    employee_id = fields.Many2one(
        "hr.employee", required=True, ondelete="restrict", readonly=True
    )
    # Stored for the rule: everybody reads his own.
    user_id = fields.Many2one(
        "res.users", "Person", required=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="restrict", readonly=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(required=True, readonly=True, help="First day of the month.")
    state = fields.Selection(
        [
            ("open", "Open"),
            ("calculated", "Calculated"),
            ("approved", "Approved"),
            ("locked", "Locked"),
        ],
        default="open",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    agreement_id = fields.Many2one(
        "nka.pay.agreement", readonly=True, ondelete="restrict"
    )
    fixed_amount = fields.Monetary("Fixed pay", readonly=True)
    held_amount = fields.Monetary(
        "Held",
        readonly=True,
        help="Fixed pay of this month that waits for missing reports.",
    )
    soft_amount = fields.Monetary("Soft pay", readonly=True)
    bonus_amount = fields.Monetary("Bonus", readonly=True)
    carry_amount = fields.Monetary(
        "Draw and recovery", readonly=True, help="Advance paid, or paid back."
    )
    retro_amount = fields.Monetary(
        "From closed months",
        readonly=True,
        help="Released fixed pay, and bonus taken back for earlier half-years.",
    )
    total_amount = fields.Monetary("Total", readonly=True)
    balance_before = fields.Monetary("Advance owed before", readonly=True)
    balance = fields.Monetary("Advance owed", readonly=True)
    credit_amount = fields.Monetary("Credits of the month", readonly=True)
    half_year_credits = fields.Monetary("Credits of the half-year", readonly=True)
    half_year_quota = fields.Monetary("Quota of the half-year", readonly=True)
    quota_to_date = fields.Monetary("Quota to date", readonly=True)
    employed_days = fields.Float("Employed workdays", readonly=True, digits=(5, 1))
    covered_days = fields.Float(
        "Days proven by reports or leave", readonly=True, digits=(5, 1)
    )
    shares = fields.Json("Target and realised shares", readonly=True)
    exception = fields.Text(
        readonly=True, help="Why this month couldn't be calculated, and what to do."
    )
    supervisor_ids = fields.Many2many(
        "res.users",
        "nka_pay_statement_supervisor_rel",
        string="Supervisors",
        readonly=True,
        help="Who reads this statement as the person's supervisor.",
    )
    calculated_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    calculated_date = fields.Datetime("Calculated on", readonly=True, copy=False)
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_date = fields.Datetime("Approved on", readonly=True, copy=False)
    line_ids = fields.One2many("nka.pay.statement.line", "statement_id", readonly=True)
    shares_html = fields.Html("Shares", compute="_compute_shares_html")
    is_mine = fields.Boolean(compute="_compute_is_mine")

    _month_unique = models.Constraint(
        "UNIQUE(employee_id, month, company_id)",
        "An employee has one statement a month.",
    )
    _first_of_month = models.Constraint(
        "CHECK(EXTRACT(DAY FROM month) = 1)", "A statement is for a whole month."
    )
    # The ledger asks for the last closed month of a company.
    _closed_idx = models.Index(
        "(company_id, month) WHERE state IN ('approved', 'locked')"
    )

    dispute_ids = fields.One2many(
        "nka.pay.dispute", "statement_id", "Disputes", readonly=True
    )
    open_dispute_count = fields.Integer(
        "Open disputes", compute="_compute_open_dispute_count"
    )

    # ------------------------------------------------------------ compute
    @api.depends("user_id.name", "month")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for statement in self:
            statement.display_name = self.env._(
                "%(person)s, %(month)s",
                person=statement.user_id.sudo().name or "",
                month=format_date(self.env, statement.month, date_format="LLLL yyyy"),
            )

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for statement in self:
            statement.is_mine = statement.user_id == self.env.user

    @api.depends("shares")
    @api.depends_context("lang")
    def _compute_shares_html(self):
        for statement in self:
            shares = statement._shown_shares()
            statement.shares_html = shares and self.env["ir.qweb"]._render(
                "nka_key_accounts.pay_statement_shares", {"shares": shares}
            )

    def _shown_shares(self):
        """Agreed and realised shares as text in the reader's format."""
        names = dict(
            self.env["nka.pay.statement.line"]
            ._fields["component"]
            ._description_selection(self.env)
        )
        digits = self.currency_id.decimal_places

        def show(value, places):
            return value and formatLang(self.env, float(value), places)

        return [
            {
                "name": names[share["component"]],
                "target_percent": show(share["target_percent"], 2),
                "target_amount": show(share["target_amount"], digits),
                "amount": show(share["amount"], digits),
                "percent": show(share["percent"], 2),
            }
            for share in self.shares or ()
        ]

    # ------------------------------------------------------------ actions
    def action_open_disputes(self):
        """Disputes of this statement."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.nka_pay_dispute_action"
        )
        return {**action, "domain": [("statement_id", "=", self.id)], "context": {}}

    def action_open_course(self):
        """The person's credits against quota, as a chart."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.nka_pay_course_action"
        )
        return {**action, "domain": [("user_id", "=", self.user_id.id)]}

    # ------------------------------------------------------------ CRUD
    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        if any(statement.state != "open" for statement in self):
            raise UserError(
                self.env._(
                    "Statements are kept once they are calculated. Correct what they "
                    "are calculated from, and calculate again."
                )
            )

    # ------------------------------------------------------------ business
    @api.model
    def _supervisors_of(self, employees, company):
        """Who supervises whom: the superior, and the supervisors of one's accounts.

        :return: ``{employee id: res.users}``
        """
        rows = (
            self.env["nka.key.account"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "=", company.id),
                    ("manager_id", "in", employees.user_id.ids),
                    ("supervisor_id", "!=", False),
                ],
                ["manager_id", "supervisor_id"],
            )
        )
        group = self.env.ref(SUPERVISOR).sudo().all_user_ids
        found = {}
        for employee in employees.sudo():
            own = employee.parent_id.user_id
            for manager, supervisor in rows:
                own |= supervisor if manager == employee.user_id else own.browse()
            found[employee.id] = (own & group) - employee.user_id
        return found

    # ============================================================ facts
    # Reads everything a month is calculated from: a query per kind, not per person.

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

    # ------------------------------------------------------------ facts: preparing
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

    # ============================================================ payable
    # Who gets a statement of a month: also those who left and are still owed.

    @api.model
    def _payable_employees(self, month, company):
        """Who gets a statement of a month.

        Whoever has an agreement in it, and whoever's ended one still owes something:
        credits that turned up, corrections, goals of a season, held pay whose reports
        were approved since.

        :param date month: first day
        :rtype: hr.employee, archived ones too
        """
        last = paycalc.add_months(month, 1) - timedelta(1)
        agreements = self.env["nka.pay.agreement"].sudo()
        in_force = agreements._in_force(month, last, company).employee_id
        credited = self._credited_users(month, last, company).ids
        owed = (
            self._corrected_employees(month, company)
            | self._scored_employees(last, company)
            | self._released_employees(month, company, in_force)
        )
        ended = agreements.search(
            [
                ("company_id", "=", company.id),
                ("state", "in", ("accepted", "ended")),
                ("date_from", "<=", last),
                "|",
                "|",
                ("user_id", "in", credited),
                ("accepted_by_id", "in", credited),
                ("employee_id", "in", owed.ids),
            ]
        )
        return in_force | ended.employee_id

    @api.model
    def _persons(self, employees):
        """Whose each employee's statement is: his login's, or, where that was taken off,
        whose who accepted his last agreement. Who never had one gets no statement.

        :rtype: dict[hr.employee, res.users]
        """
        persons = {employee: employee.user_id for employee in employees}
        without = employees.filtered(lambda row: not row.user_id)
        agreements = self.env["nka.pay.agreement"].sudo()
        accepted = [("employee_id", "in", without.ids), ("accepted_by_id", "!=", False)]
        if without:
            for agreement in agreements.search(accepted, order="date_from"):
                persons[agreement.employee_id] = agreement.accepted_by_id
        return {employee: person for employee, person in persons.items() if person}

    @api.model
    def _credited_users(self, month, last, company):
        rows = (
            self.env["nka.bonus.line"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "=", company.id),
                    ("date", ">=", month),
                    ("date", "<=", last),
                ],
                [],
                ["user_id:recordset"],
            )
        )
        return rows[0][0]

    @api.model
    def _corrected_employees(self, month, company):
        """Whose corrections wait to be paid, or are paid by this very month."""
        corrections = self.env["nka.pay.correction"].sudo()
        found = corrections.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "approved"),
                ("statement_id.month", "<", month),
                "|",
                ("settled_id", "=", False),
                ("settled_id.month", "=", month),
            ]
        )
        return found.employee_id

    @api.model
    def _scored_employees(self, last, company):
        """Who has goals in the season that ends on a day."""
        goals = self.env["nka.season.goal"].sudo()
        return goals.search(
            [("company_id", "=", company.id), ("season_id.date_end", "=", last)]
        ).employee_id

    @api.model
    def _released_employees(self, month, company, others):
        """Of whose held pay reports approved since release something.

        :param others: hr.employee, who get a statement anyway and aren't looked at
        """
        statements = self.sudo()
        holding = statements.search(
            [
                ("company_id", "=", company.id),
                ("employee_id", "not in", others.ids),
                ("month", "<", month),
                ("state", "!=", "open"),
                ("held_amount", ">", 0),
            ]
        ).employee_id
        if not holding:
            return holding
        facts = statements._gather(holding, month, company)
        return holding.filtered(lambda row: statements._releases(row, facts))

    def _only_owed(self):
        """Statements of people who had left before the month.

        No fixed pay, no advance: they pay what the time before still owes.
        """
        return self.filtered(
            lambda row: (
                row.agreement_id.date_to and row.agreement_id.date_to < row.month
            )
        )

    # ============================================================ calculate
    # From facts to a statement, for a whole set of people at once.

    @api.model
    def _calculate(self, employees, month, company=None, build=True):
        """Calculate the month of all these people anew.

        Needs no rights in accounting, sales or personnel: what it reads is read as
        superuser, for the one company. Who can't be calculated gets an exception on an
        open statement; the others go on.

        :param employees: hr.employee
        :param date month: first day
        :param company: res.company, the environment's when not given
        :param bool build: bring the bonus ledger up to date first
        :return: their statements of the month
        :rtype: nka.pay.statement
        """
        company = (company or self.env.company).sudo()
        month = paycalc.month_start(fields.Date.to_date(month))
        statements = self.sudo()._without_defaults().with_company(company)
        employees = employees.sudo()
        if build:
            self.env["nka.bonus.builder"].sudo()._build(company)
        own = statements._open_statements(employees, month, company)
        facts = statements._gather(own.employee_id, month, company)
        results = {statement: statement._calculate_one(facts) for statement in own}
        own._store_results({row: values for row, (values, _l) in results.items()})
        own._store_settled(facts)
        own._store_supervisors(company)
        own.line_ids.unlink()
        lines = [vals for _values, rows in results.values() for vals in rows]
        statements.env["nka.pay.statement.line"].create(lines)
        return own.with_env(self.env)

    @api.model
    def _open_statements(self, employees, month, company):
        """The statements of a month, made where they are missing.

        :raise UserError: when one of them is approved or locked
        """
        found = self.search(
            [
                ("employee_id", "in", employees.ids),
                ("month", "=", month),
                ("company_id", "=", company.id),
            ]
        )
        found._check_state("open", "calculated")
        persons = self._persons(employees - found.employee_id)
        made = self._unlocked().create(
            [
                {
                    "employee_id": employee.id,
                    "user_id": person.id,
                    "company_id": company.id,
                    "month": month,
                    "state": "open",
                }
                for employee, person in persons.items()
            ]
        )
        return found | made

    def _calculate_one(self, facts):
        """Values and lines of one statement, or its exception.

        :return: (values of the statement, values of its lines)
        """
        employee = self.employee_id
        try:
            self._check_payable(facts)
            month = self._prepare_facts(employee, facts)
            pay = paycalc.month_pay(month)
        except paycalc.PayError as error:
            return self._prepare_exception(explain_refusal(self.env, error)), []
        except UserError as error:
            return self._prepare_exception(str(error)), []
        return (
            self._prepare_result(facts, month, pay),
            self._prepare_lines(facts, month, pay),
        )

    def _check_payable(self, facts):
        """What has to be there before the arithmetic can start."""
        if not self.employee_id.user_id:
            raise UserError(
                self.env._(
                    "%s has no login any more, and credits are found by it. Ask HR to "
                    "enter it on the employee's form, even an archived one.",
                    self.employee_id.name,
                )
            )
        if not facts.agreement_of(self.employee_id):
            raise UserError(
                self.env._(
                    "%s has no accepted pay agreement in this month. Let the payroll "
                    "officer propose one.",
                    self.employee_id.name,
                )
            )
        goals = facts.goals.get(self.employee_id.id, ())
        if any(goal.state != "frozen" for goal in goals):
            raise UserError(
                self.env._(
                    "The season's goals of %s aren't scored yet. Freeze the season "
                    "first.",
                    self.employee_id.name,
                )
            )

    def _prepare_exception(self, text):
        return {
            **dict.fromkeys(
                (
                    "fixed_amount",
                    "held_amount",
                    "soft_amount",
                    "bonus_amount",
                    "carry_amount",
                    "retro_amount",
                    "total_amount",
                    "credit_amount",
                ),
                0,
            ),
            "state": "open",
            "exception": text,
            "shares": False,
        }

    def _store_results(self, results):
        """Write all results; the trail hears of the states that change, in one go.

        :param dict results: values by statement
        """
        events = self.env["nka.audit.event"]
        stamp = {
            "calculated_by_id": self.env.uid,
            "calculated_date": fields.Datetime.now(),
        }
        entries = [
            events._prepare_entry(row, "state", old=row.state, new=values["state"])
            for row, values in results.items()
            if values["state"] != row.state
        ]
        for statement, values in results.items():
            statement._unlocked().write({**values, **stamp})
        events._append(entries)

    def _store_settled(self, facts):
        """Corrections know the statement that pays them, so that no other does."""
        for statement in self:
            own = facts.corrections.get(statement.employee_id.id, ())
            paid = statement if statement.state == "calculated" else self.browse()
            for correction in own:
                if correction.settled_id != paid:
                    correction._unlocked().write({"settled_id": paid.id})

    def _store_supervisors(self, company):
        """Who may read along; written once per circle of supervisors."""
        found = self._supervisors_of(self.employee_id, company)
        circles = {}
        for statement in self:
            wanted = found[statement.employee_id.id]
            if statement.supervisor_ids != wanted:
                circles[wanted] = circles.get(wanted, self.browse()) | statement
        for supervisors, statements in circles.items():
            statements._unlocked().write({"supervisor_ids": [(6, 0, supervisors.ids)]})

    # ------------------------------------------------------------ calculate: preparing
    def _prepare_result(self, facts, month, pay):
        statement, standing = pay.statement, pay.standing
        quota = month.bonus_terms.half_year_quota
        count = facts.quota_months_to_date(self.employee_id)
        return {
            "state": "calculated",
            "exception": False,
            "agreement_id": facts.agreement_of(self.employee_id).id,
            "fixed_amount": float(statement.fixed_amount),
            "held_amount": float(statement.held_amount),
            "soft_amount": float(statement.soft_amount),
            "bonus_amount": float(statement.bonus_amount),
            "carry_amount": float(statement.carry_amount),
            "retro_amount": float(statement.retro_amount),
            "total_amount": float(statement.total_amount),
            "balance_before": float(month.standing.balance),
            "balance": float(standing.balance),
            "credit_amount": float(month.credits),
            "half_year_credits": float(standing.credits),
            "half_year_quota": float(quota),
            "quota_to_date": float(month.agreement.monthly_quota * count),
            "employed_days": float(month.days.employed),
            "covered_days": float(month.days.covered),
            "shares": [self._prepare_share(share) for share in statement.shares],
        }

    def _prepare_share(self, share):
        return {
            "component": share.component,
            "target_percent": str(share.target_percent),
            "target_amount": str(share.target_amount),
            "amount": str(share.amount),
            "percent": None if share.percent is None else str(share.percent),
        }

    def _prepare_lines(self, facts, month, pay):
        """Values of the lines, in the order to show them."""
        origins = self._origins(facts, month)
        rows = []
        for line in pay.statement.lines:
            vals = self._prepare_line(
                line.kind, line.component, line.amount, line.result
            )
            origin = next(origins.get(line.result.code, iter(())), {})
            sources = self._prepare_sources(line.kind, {**vals, **origin}, facts)
            rows.append({**vals, **sources, **origin})
            if line.kind == "soft":
                rows += self._prepare_goal_lines(line.result, facts)
        return [{**vals, "sequence": number} for number, vals in enumerate(rows)]

    def _origins(self, facts, month):
        """Where the lines from closed months come from, by code, in their order.

        :rtype: dict[str, Iterator[dict]]
        """
        credits = PersonCredits(facts, self.employee_id)
        rows = [
            *self._releases(self.employee_id, facts),
            *credits.clawbacks(month.agreement.digits),
        ]
        origins = {}
        for source_month, result in rows:
            origin = {"source_month": source_month}
            origins.setdefault(result.code, []).append(origin)
        origins["correction"] = [
            correction._prepare_origin()
            for correction in facts.corrections.get(self.employee_id.id, ())
        ]
        return {code: iter(rows) for code, rows in origins.items()}

    def _prepare_line(self, kind, component, amount, result):
        explanation = _explain(result)
        if kind == "carry" and not amount:
            # The formula speaks of the bonus paid; the line of the draw alone.
            explanation["reason"] = "no_advance"
        return {
            "statement_id": self.id,
            "kind": kind,
            "component": component,
            "amount": float(amount),
            "explanation": explanation,
        }

    def _prepare_goal_lines(self, soft, facts):
        """One line per goal below the soft pay, with what it brings of it."""
        goals = facts.goals.get(self.employee_id.id, ())
        scores = getattr(soft, "scores", ())
        parts = getattr(soft, "contributions", ())
        return [
            {
                **self._prepare_line("goal", "soft", part, score),
                "is_shown_only": True,
                "explanation": {
                    **_explain(score),
                    "goal": goal.kpi_id.name,
                    "kpi_id": goal.kpi_id.id,
                    "goal_id": goal.id,
                },
                **self._prepare_goal_sources(goal),
            }
            for goal, score, part in zip(goals, scores, parts, strict=True)
        ]

    @api.model
    def _prepare_goal_sources(self, goal):
        """The records that were counted; the goal itself when there were none."""
        evidence = goal.evidence or {}
        if not evidence.get("ids"):
            return {"res_model": goal._name, "res_ids": goal.ids}
        return {"res_model": evidence["model"], "res_ids": evidence["ids"]}

    def _prepare_sources(self, kind, vals, facts):
        """Where a line's amount came from: model and ids."""
        if kind == "bonus" or vals["explanation"]["code"] in CREDITS_OF_CLOSED:
            return self._prepare_credit_sources(kind, vals, facts)
        if kind in ("fixed", "release"):
            month = vals.get("source_month") or facts.month
            return self._prepare_report_sources(month, facts)
        if kind == "soft" and facts.season:
            goals = facts.goals.get(self.employee_id.id, ())
            return {"res_model": "nka.season.goal", "res_ids": [g.id for g in goals]}
        if kind == "carry":
            return self._prepare_carry_source(facts)
        return {}

    def _prepare_carry_source(self, facts):
        """What a balance was carried from: the opening, else the statement before."""
        opening = facts.openings.get(self.employee_id.id)
        if opening and facts.statement_before(self.employee_id) is None:
            return {"res_model": opening._name, "res_ids": opening.ids}
        previous = facts.previous.get(self.employee_id.id)
        return {"res_model": self._name, "res_ids": previous.ids if previous else []}

    def _prepare_credit_sources(self, kind, vals, facts):
        lines = facts.sources.get(self.user_id.id, ())
        credits = PersonCredits(facts, self.employee_id)
        ids = [
            line_id
            for line_id, origin in lines
            if origin == vals.get("source_month")
            or (kind == "bonus" and not credits.is_earlier(facts.month, origin))
        ]
        return {"res_model": "nka.bonus.line", "res_ids": ids}

    def _prepare_report_sources(self, month, facts):
        last = paycalc.add_months(month, 1)
        ids = [
            report.id
            for report in facts.reports.get(self.employee_id.id, ())
            if report.date_from < last and report.date_to >= month
        ]
        return {"res_model": "nka.work.report", "res_ids": ids}

    # ============================================================ steps
    # From calculated to approved to locked; two people prepare and approve.

    # ------------------------------------------------------------ steps: checks
    def _check_officer(self):
        self._check_group(
            PAYROLL_OFFICER,
            self.env._(
                "Only a payroll officer may do this. Ask one of yours; nothing was "
                "changed."
            ),
        )

    def _check_not_preparer(self):
        for statement in self.sudo():
            if self.env.user in statement.calculated_by_id | statement.user_id:
                raise AccessError(
                    self.env._(
                        "%s was calculated by you or is your own, so another payroll "
                        "officer approves it. Nothing was changed.",
                        statement.display_name,
                    )
                )

    def _check_ledger_unmoved(self):
        """What was credited since the calculation would be left out for good."""
        groups = self.sudo().grouped(lambda row: (row.company_id, row.month))
        for (company, month), statements in groups.items():
            sources = self.env["nka.bonus.line"]._sources(
                company, statements.user_id, month, fields.Date.end_of(month, "month")
            )
            for statement in statements:
                now = {line_id for line_id, _o in sources.get(statement.user_id.id, ())}
                if now != statement._credited_ids():
                    raise UserError(
                        self.env._(
                            "Credits of %s changed after it was calculated. "
                            "Calculate the month again; nothing was changed.",
                            statement.display_name,
                        )
                    )

    def _credited_ids(self):
        """Ids of the ledger's lines that these lines were calculated from."""
        lines = self.line_ids.filtered(lambda row: row.res_model == "nka.bonus.line")
        return {line_id for line in lines for line_id in line.res_ids or ()}

    def _check_after_earlier(self):
        """A month goes on from where the one before ended: balance, releases."""
        earlier = self.sudo().search_fetch(
            [
                ("employee_id", "in", self.employee_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("month", "<", max(self.mapped("month"))),
                ("state", "!=", "open"),
            ],
            ["employee_id", "company_id", "month", "calculated_date"],
        )
        for statement in self.sudo():
            if any(
                row.employee_id == statement.employee_id
                and row.company_id == statement.company_id
                and row.month < statement.month
                and (row.calculated_date or FIRST)
                > (statement.calculated_date or FIRST)
                for row in earlier
            ):
                raise UserError(
                    self.env._(
                        "A month before %s was calculated after it. Calculate this "
                        "month again; nothing was changed.",
                        statement.display_name,
                    )
                )

    # ------------------------------------------------------------ steps: actions
    def action_calculate(self):
        """Calculate again what isn't approved yet.

        :raise AccessError: for anybody but a payroll officer
        """
        self._check_officer()
        self._check_state("open", "calculated")
        for (company, month), own in self.grouped(
            lambda row: (row.company_id, row.month)
        ).items():
            self._calculate(own.employee_id, month, company)
        return True

    def action_approve(self):
        """Approve calculated statements: not by whoever calculated them.

        :raise AccessError: for the preparer, the paid person, or another role
        :raise UserError: when a statement isn't calculated or its credits moved
        """
        self._approve()
        return True

    def action_lock(self):
        """Lock approved statements; nothing changes them any more."""
        self._lock()
        return True

    # ------------------------------------------------------------ steps: business
    def _approve(self):
        self._check_officer()
        self._check_state("calculated")
        self._check_not_preparer()
        self._check_ledger_unmoved()
        self._check_after_earlier()
        self.sudo()._move_to(
            "approved",
            approved_by_id=self.env.uid,
            approved_date=fields.Datetime.now(),
        )

    def _lock(self):
        self._check_officer()
        self._check_state("approved")
        self.sudo()._move_to("locked")

    @api.depends("dispute_ids.state")
    def _compute_open_dispute_count(self):
        for statement in self:
            open_ones = statement.dispute_ids.filtered(lambda row: row.state == "open")
            statement.open_dispute_count = len(open_ones)

    def action_dispute(self):
        """Open the form for an objection to the statement as a whole."""
        self.ensure_one()
        return self._action_dispute({})

    def _action_dispute(self, values):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dispute"),
            "res_model": "nka.pay.dispute",
            "views": [
                (
                    self.env.ref("nka_key_accounts.nka_pay_dispute_view_form_new").id,
                    "form",
                )
            ],
            "target": "new",
            "context": {
                "default_statement_id": self.id,
                **{f"default_{name}": value for name, value in values.items()},
            },
        }

    # ============================================================ nka_pay_correction_proposal
    # What closed months would be by what is known today.

    # ------------------------------------------------------------ actions
    def action_correct(self):
        """Propose corrections of closed months, worked out anew by today's facts.

        Drafts for another officer to approve; where nothing differs, an empty form.

        :raise AccessError: for another role, or for one's own pay
        :raise UserError: when a month isn't closed
        """
        self.env["nka.pay.correction"]._check_officer()
        self._check_state("approved", "locked")
        if self.env.user in self.user_id:
            raise AccessError(
                self.env._("Your own pay is corrected by another payroll officer.")
            )
        made = self._propose_corrections()
        if not made and len(self) == 1:
            return self._action_new_correction()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.nka_pay_correction_action"
        )
        return {**action, "domain": [("statement_id", "in", self.ids)], "context": {}}

    def _action_new_correction(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correction"),
            "res_model": "nka.pay.correction",
            "view_mode": "form",
            "target": "new",
            "context": {"default_statement_id": self.id},
        }

    # ------------------------------------------------------------ business
    def _propose_corrections(self):
        """Draft a correction for every part of the pay that would be another today.

        :rtype: nka.pay.correction
        """
        rows = [
            {
                "statement_id": statement.id,
                "component": component,
                "amount": float(difference),
                "reason": self.env._(
                    "Worked out anew: %(due)s instead of %(paid)s", due=due, paid=paid
                ),
            }
            for statement, component, paid, due in self._worked_out_anew()
            if (difference := due - paid)
        ]
        return self.env["nka.pay.correction"].create(rows)

    def _worked_out_anew(self):
        """Each part of the pay as it was closed and corrected, and by today's facts.

        Fixed pay counts with what was held of it, and the bonus before the draw: a
        correction goes through the draw of the month that pays it.

        :return: list of (statement, component, paid, due)
        """
        corrected = self._corrected()
        found = []
        groups = self.sudo().grouped(lambda row: (row.company_id, row.month))
        for (company, month), statements in groups.items():
            own = statements.with_company(company)
            facts = own._gather(own.employee_id, month, company)
            # What was corrected meanwhile is counted below, once.
            facts.corrections = {}
            for statement in own:
                statement._keep_quota(facts)
                for component, paid, due in statement._parts_anew(facts):
                    before = corrected.get((statement.id, component), ZERO)
                    found.append((statement, component, paid + before, due))
        return found

    def _keep_quota(self, facts):
        """Agreements made or ended since move no tier of a closed month."""
        quota = to_money(self.half_year_quota, self.currency_id)
        facts.quotas[self.employee_id.id, self.month] = quota

    def _parts_anew(self, facts):
        currency = self.currency_id
        if not facts.agreement_of(self.employee_id):
            # Who had left, and was paid a correction only: there is nothing to compare.
            return []
        try:
            pay = paycalc.month_pay(self._prepare_facts(self.employee_id, facts))
        except paycalc.PayError:
            return []
        due = pay.statement
        return [
            (
                "fixed",
                to_money(self.fixed_amount, currency)
                + to_money(self.held_amount, currency),
                due.fixed_amount + due.held_amount,
            ),
            ("soft", to_money(self.soft_amount, currency), due.soft_amount),
            ("bonus", to_money(self.bonus_amount, currency), due.bonus_amount),
        ]

    def _corrected(self):
        """Corrections there are already, drafts too, by statement and component."""
        rows = (
            self.env["nka.pay.correction"]
            .sudo()
            .search([("statement_id", "in", self.ids)])
        )
        sums = {}
        for row in rows:
            key = row.statement_id.id, row.component
            amount = to_money(row.amount, row.currency_id)
            sums[key] = sums.get(key, ZERO) + amount
        return sums

    # ============================================================ nka_pay_statement
    # The month calculated first shows where its figures of before come from.

    # ============================================================ nka_pay_statement
    # A statement by component, and what a comparison needs of it.

    def _component_amounts(self):
        """What each statement pays by component; one query.

        :return: ``{statement: {component: Decimal}}`` with every component
        """
        rows = (
            self.env["nka.pay.statement.line"]
            .sudo()
            ._read_group(
                [("statement_id", "in", self.ids), ("is_shown_only", "=", False)],
                ["statement_id", "kind", "component"],
                ["amount:sum"],
            )
        )
        found = {
            row: dict.fromkeys(COMPONENTS, to_money(0, row.currency_id)) for row in self
        }
        for statement, kind, part, amount in rows:
            own = found[self.browse(statement.id)]
            money = to_money(amount, statement.currency_id)
            own[component_of(kind, part)] += money
        return found

    def _month_figures(self):
        """What a comparison of months needs; one query for the lines.

        :return: ``{statement: MonthFigures}``
        """
        lines = self.env["nka.pay.statement.line"].sudo()
        found = lines.search_fetch(
            [("statement_id", "in", self.ids), ("is_shown_only", "=", False)],
            ["statement_id", "kind", "component", "source_month", "explanation"],
        )
        by_statement = found.grouped("statement_id")
        return {
            row: row._prepare_figures(by_statement.get(row.sudo(), lines))
            for row in self
        }

    def _prepare_figures(self, lines):
        return MonthFigures(
            month=self.month,
            inputs={line.kind: _numbers(line.explanation) for line in lines},
            codes={line.kind: (line.explanation or {}).get("code") for line in lines},
            settled=tuple(
                (
                    line_key(line.kind, line.component),
                    line.source_month,
                    dict((line.explanation or {}).get("inputs", ())).get("note"),
                )
                for line in lines
                if component_of(line.kind, line.component) in ("released", "retro")
            ),
            held=to_money(self.held_amount, self.currency_id),
        )

    def _statements_before(self):
        """The calculated statement of the month before; one query.

        :return: ``{statement: statement, empty when there is none}``
        """
        months = {add_months(row.month, -1) for row in self}
        earlier = self.search(
            [
                ("employee_id", "in", self.employee_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("month", "in", list(months)),
                ("state", "!=", "open"),
            ]
        )
        by_key = {(row.employee_id, row.company_id, row.month): row for row in earlier}
        return {
            row: by_key.get(
                (row.employee_id, row.company_id, add_months(row.month, -1)),
                self.browse(),
            )
            for row in self
        }


def _explain(result):
    """A result of the arithmetic as plain JSON: code, inputs, values, reason."""
    inputs = [[item.name, _plain(item.value)] for item in result.inputs]
    named = {item.name for item in result.inputs}
    values = {
        name: _plain(getattr(result, name))
        for name in result.__dataclass_fields__
        if name not in named
        and name not in ("inputs", "code", "reason", "lines", "shares", "scores")
        and not isinstance(getattr(result, name), tuple)
    }
    return {
        "code": result.code,
        "reason": result.reason,
        "inputs": inputs,
        "values": values,
    }


def _plain(value):
    return None if value is None else str(value)


def _numbers(explanation):
    explanation = explanation or {}
    return {**dict(explanation.get("inputs", ())), **explanation.get("values", {})}
