from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import LazyTranslate, format_date

from ... import paycalc
from ..pay.border import refusing, to_money
from ..trail.frozen_rows import frozen_rows
from ..trail.roles import PAYROLL_OFFICER

_lt = LazyTranslate(__name__)

#: What is brought forward; fixed from the submission on.
TERM_FIELDS = (
    "employee_id",
    "company_id",
    "month",
    "credits",
    "quota_months",
    "balance",
    "note",
)

STEP_FIELDS = ("submitted_by_id", "approved_by_id", "approved_date")


class PayOpening(models.Model):
    """Where a person stood when the company began to calculate here (docs: installing).

    Two figures of the time before go on: the draw balance and the credits of the
    running half-year. Everything else begins with the first month. One officer submits
    them, another one approves; they go back while no month is approved.
    """

    _name = "nka.pay.opening"
    _description = "Opening balance"
    _inherit = ["nka.review.mixin"]
    _order = "month desc, employee_id"
    _rec_names_search = ["employee_id"]
    _check_company_auto = True
    _content_fields = TERM_FIELDS
    _guarded_fields = ("state", "maker_ids", *STEP_FIELDS)
    _returned_from = ("submitted", "approved")
    _submitter_field = "submitted_by_id"
    _reviewer_field = "approved_by_id"
    _decision_date_field = "approved_date"
    _cleared_by_return = STEP_FIELDS
    _answer_activity = None
    _audit_readers = "record"
    _reason_actions = {"action_return": _lt("Why is it returned to draft?")}

    employee_id = fields.Many2one(
        "hr.employee",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('user_id', '!=', False), ('company_id', '=', company_id)]",
    )
    # Stored for the rule: everybody reads their own.
    user_id = fields.Many2one(
        related="employee_id.user_id", store=True, index=True, string="Person"
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(
        "First month in this system",
        required=True,
        default=lambda self: paycalc.month_start(fields.Date.context_today(self)),
        help="First day of the first month that is calculated and closed in this "
        "system.",
    )
    credits = fields.Monetary(
        "Half-year credits so far",
        help="Sales credited from the start of the half-year up to this month. They "
        "determine the rate tier of the next sale.",
    )
    quota_months = fields.Integer(
        "Months covered",
        compute="_compute_quota_months",
        store=True,
        readonly=False,
        help="Months of the half-year before this one in which the manager had a quota.",
    )
    balance = fields.Monetary(
        "Draw balance",
        help="Draw or negative bonus from earlier periods that later bonus must recover.",
    )
    note = fields.Text(
        "Where the figures come from",
        help="For the approver: file, page and contact person.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("approved", "Approved"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    maker_ids = fields.Many2many(
        "res.users",
        "nka_pay_opening_maker_rel",
        string="Entered by",
        readonly=True,
        copy=False,
    )
    submitted_by_id = fields.Many2one(
        "res.users", "Submitted by", readonly=True, copy=False
    )
    approved_by_id = fields.Many2one(
        "res.users", "Approved by", readonly=True, copy=False
    )
    approved_date = fields.Datetime("Approved on", readonly=True, copy=False)

    _employee_unique = models.Constraint(
        "UNIQUE(employee_id, company_id)",
        "This employee already has an opening balance. Change that one.",
    )
    _balance_positive = models.Constraint(
        "CHECK(balance >= 0)",
        "Enter a draw balance of zero or more: the amount the manager owes, not an "
        "amount owed to them.",
    )

    @api.model
    def _guards(self):
        """Freeze approved openings in the database as well."""
        return [
            *super()._guards(),
            *frozen_rows(
                self._table,
                ["approved"],
                [*TERM_FIELDS, *STEP_FIELDS],
                next_states=["draft"],
            ),
        ]

    # ------------------------------------------------------------ compute
    @api.depends("employee_id", "month")
    def _compute_display_name(self):
        for opening in self:
            opening.display_name = self.env._(
                "%(person)s, opening balance %(month)s",
                person=opening.employee_id.sudo().name or "",
                month=format_date(self.env, opening.month, date_format="LLLL yyyy"),
            )

    @api.depends("month", "company_id")
    def _compute_quota_months(self):
        for opening in self:
            opening.quota_months = opening._months_passed()

    def _months_passed(self):
        """Months of the half-year before the opening's own."""
        years = self.company_id._nka_years()
        return years.months_passed(self.month) if self.month else 0

    # ------------------------------------------------------------ checks
    @api.constrains("month", "credits", "quota_months")
    def _check_month(self):
        for opening in self:
            with refusing(self.env):
                paycalc.check_first_of_month(opening.month)
            passed = opening._months_passed()
            if opening.credits and not passed:
                raise ValidationError(
                    self.env._(
                        "%s starts a half-year, when credits start at zero. Leave the "
                        "credits empty, or choose an earlier first month.",
                        format_date(self.env, opening.month, date_format="LLLL yyyy"),
                    )
                )
            if not 0 <= opening.quota_months <= passed:
                raise ValidationError(
                    self.env._(
                        "Enter 0 to %(count)s months: that many months of the "
                        "half-year have ended before %(month)s.",
                        count=passed,
                        month=format_date(
                            self.env, opening.month, date_format="LLLL yyyy"
                        ),
                    )
                )

    def _check_editable(self):
        for opening in self:
            if opening.state != "draft":
                raise UserError(
                    self.env._(
                        "%s is submitted or approved, so its figures can't be changed. "
                        "Return it to draft first.",
                        opening.display_name,
                    )
                )

    def _check_may_submit(self):
        self._check_reviewer()

    def _check_reviewer(self):
        self._check_group(
            PAYROLL_OFFICER,
            self.env._("Only a payroll officer can change opening balances."),
        )

    def _check_not_maker(self):
        for opening in self.sudo():
            if self.env.user in opening._makers():
                raise AccessError(
                    self.env._(
                        "You can't approve %s because you entered it or it concerns "
                        "your own pay. Another payroll officer has to approve it.",
                        opening.display_name,
                    )
                )

    def _check_complete(self):
        for opening in self:
            if not (opening.note or "").strip():
                raise UserError(
                    self.env._(
                        "Enter where the figures of %s come from, so that the approver "
                        "can check them.",
                        opening.display_name,
                    )
                )
        self._check_first()

    def _check_approvable(self):
        self._check_first()

    def _check_returnable(self):
        self._check_first()

    def _check_first(self):
        """Once a month of the person is approved, the balance follows from it."""
        statements = self.env["nka.pay.statement"].sudo()
        closed = statements._read_group(
            [
                ("employee_id", "in", self.employee_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("state", "in", ("approved", "locked")),
            ],
            ["employee_id", "company_id"],
            ["id:recordset"],
        )
        found = {(employee, company): rows[0] for employee, company, rows in closed}
        for opening in self.sudo():
            statement = found.get((opening.employee_id, opening.company_id))
            if statement:
                raise UserError(
                    self.env._(
                        "%(opening)s can't be changed: %(statement)s is already "
                        "approved and later balances depend on it. Enter an adjustment "
                        "instead.",
                        opening=opening.display_name,
                        statement=statement.display_name,
                    )
                )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        openings = super().create(vals_list)
        openings._add_maker()
        return openings

    def write(self, vals):
        is_term = not vals.keys().isdisjoint(TERM_FIELDS)
        if is_term and not self._is_unlocked(vals):
            self.check_access("write")
            self._check_editable()
        result = super().write(vals)
        if is_term:
            self._add_maker()
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        self._check_editable()

    # ------------------------------------------------------------ steps
    def _add_maker(self):
        """Remember who entered figures: they can't approve them."""
        for opening in self.sudo():
            if self.env.user not in opening.maker_ids:
                opening._unlocked().write({"maker_ids": [(4, self.env.uid)]})

    def _makers(self):
        return super()._makers() | self.maker_ids | self.submitted_by_id | self.user_id

    def _approve(self):
        """The step, with the figures themselves on record."""
        for opening in self:
            opening._move_to(
                "approved", note=opening._event_text(), **self._prepare_approval()
            )

    def _event_text(self):
        """What the trail keeps of the figures themselves."""
        return self.env._(
            "credits %(credits)s over %(months)s months, draw balance %(balance)s; "
            "%(note)s",
            credits=self.credits,
            months=self.quota_months,
            balance=self.balance,
            note=self.note,
        )

    # ------------------------------------------------------------ business
    def _covered_months(self):
        """First days of the months that the credits brought forward stand for."""
        return {
            paycalc.add_months(self.month, -count)
            for count in range(1, self.quota_months + 1)
        }

    def _credits_for(self, half_year):
        """Credits it brings into a half-year.

        :param date half_year: first day of the half-year
        :rtype: Decimal
        """
        is_own = self.company_id._nka_years().half_year(self.month) == half_year
        return to_money(self.credits if is_own else 0, self.currency_id)

    @api.model
    def _for_month(self, employees, month, company):
        """Approved openings that the calculation of a month builds on.

        :param employees: hr.employee
        :param date month: first day
        :return: ``{employee id: nka.pay.opening}``
        """
        found = self.search(
            [
                ("employee_id", "in", employees.ids),
                ("company_id", "=", company.id),
                ("month", "<=", month),
                ("state", "=", "approved"),
            ]
        )
        return {opening.employee_id.id: opening for opening in found}
