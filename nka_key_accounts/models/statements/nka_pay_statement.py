from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ... import paycalc
from ..pay.border import explain_refusal, to_money
from ..trail.opening import open_action
from ..trail.roles import PAYROLL_OFFICER
from . import texts
from .calculated import AMOUNTS, Calculated
from .components import COMPONENTS, component_of
from .gathered import Gathered
from .payable import payable_employees, supervisors_of, with_unpaid_leave
from .person_month import PersonMonth

#: Bonus and credits that are held.
HELD_FIELDS = ("held_credits", "loyalty_amount", "loyalty_held", "loyalty_lapsed")
RESULT_FIELDS = (
    *AMOUNTS,
    "agreement_id",
    "balance_before",
    "balance",
    "credit_amount",
    *HELD_FIELDS,
    "half_year_credits",
    "half_year_quota",
    "quota_to_date",
    "employed_days",
    "covered_days",
    "unpaid_days",
    "shares",
    "exception",
    "supervisor_ids",
    "calculated_by_id",
    "calculated_date",
    "approved_by_id",
    "approved_date",
)

NEVER = datetime.min


class PayStatement(models.Model):
    """One person's pay for one month, line by line (docs/pay.md, 7).

    :mod:`.gathered` reads the facts, and :mod:`.calculated` prepares the results. This
        model has the states and the users who change them.
    """

    _name = "nka.pay.statement"
    _description = "Compensation statement"
    _inherit = ["nka.state.mixin", "nka.current.mixin"]
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
    # Stored for the record rule: users can read their own.
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
        "Held pay",
        readonly=True,
        help="Fixed pay for this month held until the missing reports are approved.",
    )
    soft_amount = fields.Monetary("Goal pay", readonly=True)
    bonus_amount = fields.Monetary("Bonus", readonly=True)
    carry_amount = fields.Monetary(
        "Draw and recovery", readonly=True, help="Draw paid or recovered."
    )
    retro_amount = fields.Monetary(
        "Retroactive adjustments",
        readonly=True,
        help="Released held pay, and clawbacks for earlier half-years.",
    )
    total_amount = fields.Monetary("Total", readonly=True)
    balance_before = fields.Monetary("Opening draw balance", readonly=True)
    balance = fields.Monetary("Draw balance", readonly=True)
    credit_amount = fields.Monetary("Credits for the month", readonly=True)
    held_credits = fields.Monetary(
        "Held credits",
        readonly=True,
        help="Sales credits that count once the documents of their deals are approved.",
    )
    loyalty_amount = fields.Monetary(
        "Held as loyalty share",
        readonly=True,
        help="Part of this month's bonus that is held or lapses; not included in the "
        "bonus.",
    )
    loyalty_held = fields.Monetary(
        "Held bonus",
        readonly=True,
        help="Loyalty share of all months so far that hasn't vested yet.",
    )
    loyalty_lapsed = fields.Monetary(
        "Lapsed bonus",
        readonly=True,
        help="Loyalty share that isn't paid because the employee left before it vested.",
    )
    half_year_credits = fields.Monetary("Half-year credits", readonly=True)
    half_year_quota = fields.Monetary("Half-year quota", readonly=True)
    quota_to_date = fields.Monetary("Quota to date", readonly=True)
    employed_days = fields.Float("Workdays employed", readonly=True, digits=(7, 4))
    covered_days = fields.Float(
        "Days covered by reports or time off", readonly=True, digits=(7, 4)
    )
    unpaid_days = fields.Float(
        "Days of unpaid leave",
        readonly=True,
        digits=(7, 4),
        help="Workdays of approved time off of an unpaid type. The pay plan defines "
        "whether they are deducted here or left to the company's salary rules.",
    )
    shares = fields.Json("Agreed and actual shares", readonly=True)
    exception = fields.Text(
        readonly=True, help="Why this month couldn't be calculated, and what to do."
    )
    supervisor_ids = fields.Many2many(
        "res.users",
        "nka_pay_statement_supervisor_rel",
        string="Supervisors",
        readonly=True,
        help="Supervisors of the person, who can read this statement.",
    )
    calculated_by_id = fields.Many2one(
        "res.users", "Calculated by", readonly=True, copy=False
    )
    calculated_date = fields.Datetime("Calculated on", readonly=True, copy=False)
    approved_by_id = fields.Many2one(
        "res.users", "Approved by", readonly=True, copy=False
    )
    approved_date = fields.Datetime("Approved on", readonly=True, copy=False)
    line_ids = fields.One2many("nka.pay.statement.line", "statement_id", readonly=True)
    dispute_ids = fields.One2many(
        "nka.pay.dispute", "statement_id", "Disputes", readonly=True
    )
    open_dispute_count = fields.Integer(
        "Open disputes", compute="_compute_open_dispute_count"
    )
    leaving_note = fields.Text(
        "After the agreement ends", compute="_compute_leaving_note"
    )
    shares_html = fields.Html("Shares", compute="_compute_shares_html")
    is_mine = fields.Boolean(compute="_compute_is_mine")

    _month_unique = models.Constraint(
        "UNIQUE(employee_id, month, company_id)",
        "Each employee can have only one statement per month.",
    )
    _first_of_month = models.Constraint(
        "CHECK(EXTRACT(DAY FROM month) = 1)",
        "A statement covers a whole calendar month.",
    )
    # For the ledger, which searches the last closed month of a company.
    _closed_idx = models.Index(
        "(company_id, month) WHERE state IN ('approved', 'locked')"
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

    @api.depends("agreement_id.date_to", "agreement_id.state", "month")
    @api.depends_context("lang")
    def _compute_leaving_note(self):
        """Explain, if the agreement ended by the end of the month, when it ended
        and who is credited for later payments.
        """
        leaving = self.agreement_id._leaving()
        for statement in self:
            agreement = statement.agreement_id
            statement.leaving_note = (
                agreement in leaving
                and agreement.date_to <= fields.Date.end_of(statement.month, "month")
                and agreement._say_leaving(agreement.date_to)
            )

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for statement in self:
            statement.is_mine = statement.user_id == self.env.user

    @api.depends("shares", "carry_amount")
    @api.depends_context("lang")
    def _compute_shares_html(self):
        for statement in self:
            shares = statement._shown_shares()
            statement.shares_html = shares and self.env["ir.qweb"]._render(
                "nka_key_accounts.pay_statement_shares", {"shares": shares}
            )

    @api.depends("dispute_ids.state")
    def _compute_open_dispute_count(self):
        for statement in self:
            open_ones = statement.dispute_ids.filtered(lambda row: row.state == "open")
            statement.open_dispute_count = len(open_ones)

    def _shown_shares(self):
        """Return the shares for the form and the PDF."""
        return texts.shown_shares(self)

    # ------------------------------------------------------------ checks
    def _check_officer(self):
        self._check_group(
            PAYROLL_OFFICER,
            self.env._("Only a payroll officer can do this."),
        )

    def _check_not_preparer(self):
        for statement in self.sudo():
            if self.env.user in statement.calculated_by_id | statement.user_id:
                raise AccessError(
                    self.env._(
                        "You can't approve %s because you calculated it or it is your "
                        "own. Another payroll officer has to approve it.",
                        statement.display_name,
                    )
                )

    def _check_ledger_unmoved(self):
        """Raise if credits changed after the calculation: they would never be paid."""
        groups = self.sudo().grouped(lambda row: (row.company_id, row.month))
        for (company, month), statements in groups.items():
            sources = self.env["nka.bonus.line"]._sources(
                company, statements.user_id, month, fields.Date.end_of(month, "month")
            )
            for statement in statements:
                now = {line_id for line_id, _o in sources.get(statement.user_id.id, ())}
                # It also lists earlier credits that were held.
                if not now <= statement._credited_ids():
                    raise UserError(
                        self.env._(
                            "Credits of %s changed after it was calculated. Calculate "
                            "the month again.",
                            statement.display_name,
                        )
                    )

    def _credited_ids(self):
        """Return ids of the ledger lines that the statements were calculated from."""
        lines = self.line_ids.filtered(lambda row: row.res_model == "nka.bonus.line")
        return {line_id for line in lines for line_id in line.res_ids or ()}

    def _check_after_earlier(self):
        """Raise if an earlier month was calculated later; its balance carries over."""
        earlier = self.sudo().search_fetch(
            [
                ("employee_id", "in", self.employee_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("month", "<", max(self.mapped("month"))),
                ("state", "!=", "open"),
            ],
            ["employee_id", "company_id", "month", "calculated_date"],
        )
        by_person = earlier.grouped(lambda row: (row.employee_id, row.company_id))
        for statement in self.sudo():
            own = by_person.get((statement.employee_id, statement.company_id), ())
            calculated = statement.calculated_date or NEVER
            if any(
                row.month < statement.month
                and (row.calculated_date or NEVER) > calculated
                for row in own
            ):
                raise UserError(
                    self.env._(
                        "An earlier month was calculated after %s. Calculate this "
                        "month again.",
                        statement.display_name,
                    )
                )

    # ------------------------------------------------------------ CRUD
    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        if any(statement.state != "open" for statement in self):
            raise UserError(
                self.env._(
                    "Calculated statements can't be deleted. Correct the data they are "
                    "calculated from, and calculate again."
                )
            )

    # ------------------------------------------------------------ actions
    def action_calculate(self):
        """Recalculate statements that aren't approved yet.

        :raise AccessError: if the user isn't a payroll officer
        :raise UserError: if one is approved or locked
        """
        self._check_officer()
        self._check_state("open", "calculated")
        for (company, month), own in self.grouped(
            lambda row: (row.company_id, row.month)
        ).items():
            self._calculate(own.employee_id, month, company)
        return True

    def action_approve(self):
        """Approve statements that another user calculated.

        :raise AccessError: if the user calculated one, is paid by one, or has another
            role
        :raise UserError: if one isn't calculated or its credits have changed
        """
        self._approve()
        return True

    def action_lock(self):
        """Lock approved statements, so that they can't be changed any more."""
        self._lock()
        return True

    def action_open_disputes(self):
        """Open the disputes of this statement."""
        self.ensure_one()
        return open_action(
            self.env,
            "nka_pay_dispute_action",
            domain=[("statement_id", "=", self.id)],
            context={},
        )

    def action_open_course(self):
        """Open the chart of the person's credits against quota."""
        self.ensure_one()
        return open_action(
            self.env,
            "nka_pay_course_action",
            domain=[("user_id", "=", self.user_id.id)],
        )

    def action_open_money(self):
        """Open the results for the money of the person's clients in the month.

        :raise UserError: if the user is neither the person nor a payroll officer
        """
        self.ensure_one()
        self.check_access("read")
        last = fields.Date.end_of(self.month, "month")
        return self.env["nka.bonus.check"]._open_own(
            self.user_id, self.company_id, self.month, last
        )

    def action_dispute(self):
        """Open the form to dispute the whole statement."""
        self.ensure_one()
        return self._action_dispute({})

    def _action_dispute(self, values):
        form = self.env.ref("nka_key_accounts.nka_pay_dispute_view_form_new")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dispute"),
            "res_model": "nka.pay.dispute",
            "views": [(form.id, "form")],
            "target": "new",
            "context": {
                "default_statement_id": self.id,
                **{f"default_{name}": value for name, value in values.items()},
            },
        }

    def action_correct(self):
        """Propose adjustments of closed months, recalculated from today's facts.

        Creates drafts for another officer; opens an empty form if nothing differs.

        :raise AccessError: if the user has another role, or it is their own pay
        :raise UserError: if a month isn't closed
        """
        self.env["nka.pay.correction"]._check_officer()
        self._check_state("approved", "locked")
        if self.env.user in self.user_id:
            raise AccessError(
                self.env._("Another payroll officer has to adjust your pay.")
            )
        made = self.env["nka.pay.correction"]._propose(self)
        if not made and len(self) == 1:
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Adjustment"),
                "res_model": "nka.pay.correction",
                "view_mode": "form",
                "target": "new",
                "context": {"default_statement_id": self.id},
            }
        return open_action(
            self.env,
            "nka_pay_correction_action",
            domain=[("statement_id", "in", self.ids)],
            context={},
        )

    # ------------------------------------------------------------ steps
    def _approve(self):
        """Approve with all checks; called by the button and by the month-end close."""
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
        """Lock with all checks, as :meth:`_approve`."""
        self._check_officer()
        self._check_state("approved")
        self.sudo()._move_to("locked")

    # ------------------------------------------------------------ calculation
    @api.model
    def _calculate(self, employees, month, company=None, build=True):
        """Recalculate a month for these employees.

        The user needs no access to accounting, sales or HR data: everything is read as
        superuser, for this company only. An employee who can't be calculated gets an
        open statement with an exception; the others are still calculated.

        :param employees: hr.employee
        :param date month: first day
        :param company: res.company, that of the environment if not given
        :param bool build: whether to update the bonus ledger first
        :return: their statements of the month
        :rtype: nka.pay.statement
        """
        company = (company or self.env.company).sudo()
        month = paycalc.month_start(fields.Date.to_date(month))
        statements = self.sudo()._without_defaults().with_company(company)
        if build:
            self.env["nka.bonus.builder"].sudo()._build(company)
        own = statements._open_statements(employees.sudo(), month, company)
        facts = Gathered(own.employee_id, month, company)
        results = {statement: statement._calculate_one(facts) for statement in own}
        self.env["nka.bonus.check"]._tell_uncredited(results, month, company)
        own._store_results({row: values for row, (values, _l) in results.items()})
        own._store_settled(facts)
        own._store_supervisors(company)
        own.line_ids.unlink()
        lines = [vals for _values, rows in results.values() for vals in rows]
        statements.env["nka.pay.statement.line"].create(lines)
        return own.with_env(self.env)

    @api.model
    def _open_statements(self, employees, month, company):
        """Return the statements of a month; create missing ones.

        :raise UserError: if one of them is approved or locked
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
        """Return the values of one statement and its lines, or its exception.

        :return: (values of the statement, values of its lines)
        """
        try:
            self._check_payable(facts)
            person = PersonMonth(facts, self.employee_id)
            month = person.month_facts()
            calculated = Calculated(self, person, month, paycalc.month_pay(month))
        except paycalc.PayError as error:
            return self._prepare_exception(explain_refusal(self.env, error)), []
        except UserError as error:
            return self._prepare_exception(str(error)), []
        return calculated.prepare_statement(), calculated.prepare_lines()

    def _check_payable(self, facts):
        """Raise if a calculation can't start: no user, agreement or scores."""
        if not self.employee_id.user_id:
            raise UserError(
                self.env._(
                    "%s no longer has a user, and credits are found through it. Ask HR "
                    "to link the user again on the employee form, even if the user is "
                    "archived.",
                    self.employee_id.name,
                )
            )
        if not facts.agreement_of(self.employee_id):
            raise UserError(
                self.env._(
                    "%s has no accepted pay agreement for this month. Ask the payroll "
                    "officer to propose one.",
                    self.employee_id.name,
                )
            )
        goals = facts.goals.get(self.employee_id.id, ())
        if any(goal.state != "frozen" for goal in goals):
            raise UserError(
                self.env._(
                    "The season goals of %s aren't scored yet. Ask the supervisor to "
                    "freeze the season.",
                    self.employee_id.name,
                )
            )

    def _prepare_exception(self, text):
        return {
            **dict.fromkeys((*AMOUNTS, *HELD_FIELDS, "credit_amount"), 0),
            "state": "open",
            "exception": text,
            "shares": False,
        }

    def _store_results(self, results):
        """Write all results, and log the changed states in a single call.

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
        """Set the statement that pays each adjustment, so that no other one does."""
        for statement in self:
            own = facts.corrections.get(statement.employee_id.id, ())
            paid = statement if statement.state == "calculated" else self.browse()
            for correction in own:
                if correction.settled_id != paid:
                    correction._unlocked().write({"settled_id": paid.id})

    def _store_supervisors(self, company):
        """Set who can read the statements, with one write per set of supervisors."""
        found = self._supervisors_of(self.employee_id, company)
        circles = {}
        for statement in self:
            wanted = found[statement.employee_id.id]
            if statement.supervisor_ids != wanted:
                circles[wanted] = circles.get(wanted, self.browse()) | statement
        for supervisors, statements in circles.items():
            statements._unlocked().write({"supervisor_ids": [(6, 0, supervisors.ids)]})

    # ------------------------------------------------------------ persons
    @api.model
    def _payable_employees(self, month, company):
        """Return the employees who get a statement for a month; see :mod:`.payable`.

        :param date month: first day
        :rtype: hr.employee, including archived ones
        """
        return payable_employees(self.sudo().env, month, company)

    @api.model
    def _persons(self, employees):
        """Return the user of each statement: the employee's or, if they have none any
        more, the one who accepted their last agreement. Others get no statement.

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

    def _only_owed(self):
        """Return the statements of people who left before the month.

        They have neither fixed pay nor a draw, only what earlier months still owe.
        """
        return self.filtered(
            lambda row: (
                row.agreement_id.date_to and row.agreement_id.date_to < row.month
            )
        )

    @api.model
    def _supervisors_of(self, employees, company):
        """Return supervisors of employees: their superior, and their accounts'.

        :return: ``{employee id: res.users}``
        """
        return supervisors_of(self.env, employees, company)

    def _with_unpaid_leave(self):
        """Return statements with unpaid leave in the month, now or when paid."""
        return with_unpaid_leave(self)

    # ------------------------------------------------------------ figures
    def _component_amounts(self):
        """Return what each statement pays by component: one query.

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
