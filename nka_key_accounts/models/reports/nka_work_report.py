from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import LazyTranslate, format_date

from ..trail.frozen_rows import freeze_rows
from ..trail.roles import SUPERVISOR
from .weeks import report_days

_lt = LazyTranslate(__name__)

OPEN_STATES = ("draft", "returned")
WORDS = ("summary", "plans")
SPAN = ("employee_id", "date_from", "date_to")
#: The longest span of a report: a week and two days of a month's edge.
LONGEST = 14
#: Whoever isn't concerned with the work itself sees that a report exists, not its words.
READERS = (
    "nka_key_accounts.group_key_account_manager,"
    "nka_key_accounts.group_key_account_supervisor"
)


class WorkReport(models.Model):
    """What a manager did in a week: facts from the system, and his own words.

    An approved report proves the fixed pay of its days.
    """

    _name = "nka.work.report"
    _description = "Work report"
    _inherit = ["nka.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, employee_id"
    _rec_names_search = ["employee_id"]
    _check_company_auto = True
    _mail_post_access = "read"

    _guarded_fields = (
        "state",
        "submitted_date",
        "approved_by_id",
        "approved_date",
        "return_reason",
        "facts_date",
    )
    _reason_actions = {"action_return": _lt("Return with a question")}

    employee_id = fields.Many2one(
        "hr.employee",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        default=lambda self: self._own_employee(),
    )
    user_id = fields.Many2one(
        related="employee_id.user_id", store=True, index=True, string="Manager"
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        required=True,
        index=True,
        readonly=False,
        precompute=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(
        "First day",
        required=True,
        default=lambda self: report_days(fields.Date.context_today(self))[0],
    )
    date_to = fields.Date(
        "Last day",
        compute="_compute_date_to",
        store=True,
        required=True,
        readonly=False,
        precompute=True,
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("returned", "Returned"),
            ("approved", "Approved"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        group_expand=True,
        tracking=True,
    )
    summary = fields.Text(
        "What I did",
        copy=False,
        groups=READERS,
        help="Two or three sentences; the facts below speak for themselves.",
    )
    plans = fields.Text("What comes next", copy=False, groups=READERS)
    return_reason = fields.Text("Question", readonly=True, copy=False, groups=READERS)
    fact_ids = fields.One2many(
        "nka.work.report.fact", "report_id", readonly=True, groups=READERS
    )
    facts_date = fields.Datetime("Facts as of", readonly=True, copy=False)
    submitted_date = fields.Datetime("Submitted on", readonly=True, copy=False)
    approved_by_id = fields.Many2one(
        "res.users", "Approved by", readonly=True, copy=False
    )
    approved_date = fields.Datetime("Approved on", readonly=True, copy=False)
    is_late = fields.Boolean(
        "Late",
        compute="_compute_is_late",
        search="_search_is_late",
        help="The days are over and the report isn't submitted.",
    )
    is_mine = fields.Boolean(compute="_compute_is_mine")

    _dates_order = models.Constraint(
        f"CHECK(date_to >= date_from AND date_to - date_from < {LONGEST})",
        "A report covers a week; at the edge of a month a few days more.",
    )
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(employee_id, employee_id, '[]') WITH &&, "
        "daterange(date_from, date_to, '[]') WITH &&) DEFERRABLE INITIALLY DEFERRED",
        "A day belongs to one report of a manager.",
    )

    def init(self):
        """An approved report proves pay: the database keeps it as it is, too."""
        columns = (*SPAN, *WORDS, "company_id", "approved_by_id", "approved_date")
        freeze_rows(self.env.cr, self._table, ["approved"], columns)

    # ------------------------------------------------------------ compute
    @api.model
    def _own_employee(self):
        """The acting person's employee in the current company."""
        return self.env.user.with_company(self.env.company).sudo().employee_id.id

    @api.depends("employee_id")
    def _compute_company_id(self):
        for report in self:
            company = report.employee_id.sudo().company_id or self.env.company
            report.company_id = company

    @api.depends("date_from")
    def _compute_date_to(self):
        for report in self:
            if report.date_from:
                report.date_to = report_days(report.date_from)[1]

    @api.depends("employee_id", "date_from", "date_to")
    def _compute_display_name(self):
        for report in self:
            report.display_name = self.env._(
                "%(employee)s, %(date_from)s – %(date_to)s",
                employee=report.employee_id.sudo().name or "",
                date_from=format_date(self.env, report.date_from, date_format="d MMM"),
                date_to=format_date(self.env, report.date_to, date_format="d MMM y"),
            )

    @api.depends("state", "date_to")
    def _compute_is_late(self):
        late = self.filtered_domain(self._domain_late())
        for report in self:
            report.is_late = report in late

    def _search_is_late(self, operator, value):
        return self._domain_late() if operator == "in" else NotImplemented

    @api.model
    def _domain_late(self):
        return fields.Domain(
            [
                ("state", "in", OPEN_STATES),
                ("date_to", "<", fields.Date.context_today(self)),
            ]
        )

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for report in self:
            report.is_mine = report.user_id == self.env.user

    # ------------------------------------------------------------ checks
    @api.constrains("employee_id", "date_from", "date_to")
    def _check_days(self):
        """A day belongs to one report; said before the database has to."""
        others = self.sudo().search(
            [
                ("employee_id", "in", self.employee_id.ids),
                ("date_from", "<=", max(self.mapped("date_to"))),
                ("date_to", ">=", min(self.mapped("date_from"))),
            ]
        )
        for report in self.sudo():
            for other in others - report:
                if other.employee_id == report.employee_id and (
                    other.date_from <= report.date_to
                    and other.date_to >= report.date_from
                ):
                    raise ValidationError(
                        self.env._(
                            "%s is there already. Open that report instead.",
                            other.display_name,
                        )
                    )

    def _check_own(self):
        """A report is written and submitted by the manager it is about."""
        for report in self:
            if report.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "%s is written by its manager only. You can return it with a "
                        "question; nothing was changed.",
                        report.display_name,
                    )
                )

    def _check_open(self):
        for report in self:
            if report.state not in OPEN_STATES:
                raise UserError(
                    self.env._(
                        "%s is submitted. If something is missing, ask your supervisor "
                        "to return it.",
                        report.display_name,
                    )
                )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        is_own_job = self._is_unlocked(vals_list) or self.env.su
        if not is_own_job:
            self._check_own_employees(vals_list)
        reports = super().create(vals_list)
        if not is_own_job:
            reports._check_own()
        return reports

    @api.model
    def _check_own_employees(self, vals_list):
        """Refuse before anything is compared with somebody else's reports."""
        default = self.env.context.get("default_employee_id")
        ids = {vals.get("employee_id", default) for vals in vals_list} - {None, False}
        for employee in self.env["hr.employee"].sudo().browse(ids):
            if employee.user_id != self.env.user:
                raise AccessError(
                    self.env._("A report is written by the manager it is about only.")
                )

    def write(self, vals):
        if not self._is_unlocked(vals) and not vals.keys().isdisjoint({*WORDS, *SPAN}):
            self._check_own()
            self._check_open()
        if "employee_id" in vals:
            self._check_own_employees([vals])
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        for report in self:
            if report.state != "draft":
                raise UserError(
                    self.env._("Reports that were submitted once stay on file.")
                )

    # ------------------------------------------------------------ business
    def _makers(self):
        """The manager himself never approves, whatever else he may do."""
        return super()._makers().browse() | self.user_id

    def _first_supervisor(self):
        """A supervisor of the report's company other than the manager himself.

        The supervisor of one of the manager's accounts comes first.
        """
        accounts = self.env["nka.key.account"].sudo()
        own = accounts.search(
            [("manager_id", "=", self.user_id.id), ("supervisor_id", "!=", False)],
            limit=1,
        ).supervisor_id
        everybody = self.env.ref(SUPERVISOR).sudo().all_user_ids
        candidates = (own & everybody) + everybody
        return candidates.filtered(
            lambda user: (
                user.active
                and self.company_id in user.company_ids
                and user != self.user_id
            )
        )[:1]
