"""Weekly reports of key account managers, and the days they cover for fixed pay."""

from datetime import date, timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from ...paycalc import MonthDays
from ..facts import calendars
from ..proof.contents import values_of
from ..trail.frozen_rows import frozen_rows
from ..trail.opening import open_records
from ..trail.roles import MANAGER
from .weeks import report_days, reports_between

_lt = LazyTranslate(__name__)
OPEN_STATES = ("draft", "returned")
WORDS = ("summary", "plans")
SPAN = ("employee_id", "date_from", "date_to")
#: Fields in the hash of a report, and of each of its facts.
CONTENT = (*SPAN, "company_id", *WORDS)
FACT = ("kind", "count", "amount", "res_model", "res_ids")
#: Span of employees without an agreement.
ALWAYS = (date.min, date.max)
#: Maximum length of a report: a week and a few days at a month boundary.
LONGEST = 14

#: Users in other roles see that a report exists, but not its text.
READERS = (
    "nka_key_accounts.group_key_account_manager,"
    "nka_key_accounts.group_key_account_supervisor"
)

WRITE = "nka_key_accounts.mail_activity_type_write_report"
REVIEW = "nka_key_accounts.mail_activity_type_review_report"
#: The job looks back this far, for managers added late and for missed runs.
LOOK_BACK_DAYS = 28
FRIDAY = 4


class WorkReport(models.Model):
    """Weekly report: recorded activity and the manager's own summary.

    An approved report proves the fixed pay of its days.
    """

    _name = "nka.work.report"
    _description = "Weekly report"
    _inherit = [
        "nka.review.mixin",
        "nka.reminder.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_from desc, employee_id"
    _rec_names_search = ["employee_id"]
    _check_company_auto = True
    _mail_post_access = "read"
    _content_fields = CONTENT
    _guarded_fields = (
        "state",
        "submitted_date",
        "approved_by_id",
        "approved_date",
        "return_reason",
        "facts_date",
    )
    _audit_readers = "role"
    _submitted_from = OPEN_STATES
    _returned_to = "returned"
    _submitter_field = None
    _reviewer_field = "approved_by_id"
    _decision_date_field = "approved_date"
    _review_activity = REVIEW
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
        help=(
            "Two or three sentences. The recorded activity below is already filled in."
        ),
    )
    plans = fields.Text("What comes next", copy=False, groups=READERS)
    return_reason = fields.Text("Question", readonly=True, copy=False, groups=READERS)
    fact_ids = fields.One2many(
        "nka.work.report.fact",
        "report_id",
        "Recorded activity",
        readonly=True,
        groups=READERS,
    )
    facts_date = fields.Datetime("Recorded activity as of", readonly=True, copy=False)
    submitted_date = fields.Datetime("Submitted on", readonly=True, copy=False)
    approved_by_id = fields.Many2one(
        "res.users", "Approved by", readonly=True, copy=False
    )
    approved_date = fields.Datetime("Approved on", readonly=True, copy=False)
    is_late = fields.Boolean(
        "Late",
        compute="_compute_is_late",
        search="_search_is_late",
        help="The week has ended and the report hasn't been submitted.",
    )
    is_mine = fields.Boolean("My report", compute="_compute_is_mine")
    leave_note = fields.Text(
        "Time off that doesn't count",
        compute="_compute_leave_note",
        compute_sudo=True,
        help="Time off on these days that doesn't count as covered yet, and why.",
    )

    _dates_order = models.Constraint(
        f"CHECK(date_to >= date_from AND date_to - date_from < {LONGEST})",
        "A report covers one week, or up to a few days more at a month boundary.",
    )
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(employee_id, employee_id, '[]') WITH &&, "
        "daterange(date_from, date_to, '[]') WITH &&) DEFERRABLE INITIALLY DEFERRED",
        "Each day can belong to only one report per manager.",
    )

    @api.model
    def _guards(self):
        """Freeze approved reports with database triggers as well: they prove pay."""
        columns = (*SPAN, *WORDS, "company_id", "approved_by_id", "approved_date")
        return [*super()._guards(), *frozen_rows(self._table, ["approved"], columns)]

    # ------------------------------------------------------------ compute
    @api.model
    def _own_employee(self):
        """Return the id of the user's employee in the current company."""
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
                date_from=calendars.day_text(self.env, report.date_from, "MMMd"),
                date_to=calendars.day_text(self.env, report.date_to, "yMMMd"),
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
        today = fields.Date.context_today(self)
        return Domain("state", "in", OPEN_STATES) & Domain("date_to", "<", today)

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for report in self:
            report.is_mine = report.user_id == self.env.user

    @api.depends("employee_id", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_leave_note(self):
        self.leave_note = False
        spans = self.filtered(lambda row: row.employee_id and row.date_to).grouped(
            lambda report: (report.date_from, report.date_to)
        )
        for span, reports in spans.items():
            rows = calendars.leave_rows(reports.employee_id._origin, *span)
            for report in reports:
                own = rows.get(report.employee_id._origin.id, ())
                report.leave_note = "\n".join(
                    self._say_leave(row) for row in own if row.reason
                )

    @api.model
    def _say_leave(self, row):
        """Describe time off that doesn't count, in the user's language.

        :param calendars.LeaveRow row: with a reason
        """
        days = [calendars.day_text(self.env, day, "MMMd") for day in row.days]
        reason = self.env._(calendars.REASONS[row.reason])  # pylint: disable=translation-contains-variable
        return f"{' – '.join(days)}: {reason}"

    # ------------------------------------------------------------ checks
    @api.constrains("employee_id", "date_from", "date_to")
    def _check_days(self):
        """Refuse overlapping reports before the database constraint does."""
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
                            "%s already exists. Open that report instead.",
                            other.display_name,
                        )
                    )

    def _check_own(self):
        """Check that the user is the manager whom the report is about."""
        for report in self:
            if report.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "Only the manager it is about can write %s. You can return it "
                        "with a question.",
                        report.display_name,
                    )
                )

    def _check_open(self):
        for report in self:
            if report.state not in OPEN_STATES:
                raise UserError(
                    self.env._(
                        "%s is already submitted. To change it, ask your supervisor "
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
        """Refuse other employees before comparing with their reports."""
        default = self.env.context.get("default_employee_id")
        ids = {vals.get("employee_id", default) for vals in vals_list} - {None, False}
        for employee in self.env["hr.employee"].sudo().browse(ids):
            if employee.user_id != self.env.user:
                raise AccessError(
                    self.env._("Only the manager it is about can write a report.")
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
                    self.env._("Reports that have been submitted can't be deleted.")
                )

    # ------------------------------------------------------------ actions
    def action_refresh_facts(self):
        """Collect the recorded activity of open reports again, as of now.

        :raise AccessError: for a report of another manager
        :raise UserError: if a report has been submitted
        """
        self._check_own()
        self._check_state(*OPEN_STATES)
        self._collect_facts()
        return True

    @api.model
    def action_open_mine(self):
        """Open the user's next report to write.

        It is a returned one, else the oldest open one, else this week's report, which
        is created if missing.

        :raise UserError: if the user isn't linked to an employee
        """
        mine = self.search(
            [("user_id", "=", self.env.uid), ("state", "in", OPEN_STATES)],
            order="date_from",
        )
        returned = mine.filtered(lambda report: report.state == "returned")
        report = returned[:1] or mine[:1] or self._make_mine()
        report._collect_facts()
        return open_records(report, self.env._("My week"))

    @api.model
    def _make_mine(self):
        employee = self._own_employee()
        if not employee:
            raise UserError(
                self.env._(
                    "Your user isn't linked to an employee, so you have no weekly "
                    "report. Ask HR to link one."
                )
            )
        today = fields.Date.context_today(self)
        domain = [
            ("employee_id", "=", employee),
            ("date_from", "<=", today),
            ("date_to", ">=", today),
        ]
        return self.search(domain) or self.create({"employee_id": employee})

    # ------------------------------------------------------------ review
    def _makers(self):
        """Return only the manager: they can never approve; any other reviewer can."""
        return self.user_id

    def _check_not_maker(self):
        for report in self.sudo():
            if self.env.user in report._makers():
                raise AccessError(
                    self.env._(
                        "You can't approve %s because it is about your own work. "
                        "Another supervisor has to approve it.",
                        report.display_name,
                    )
                )

    def _check_may_submit(self):
        self._check_own()

    def _check_complete(self):
        """Check that the report has a summary and that its days have begun."""
        for report in self:
            if report.date_from > calendars.today(report.company_id):
                raise UserError(
                    self.env._(
                        "%s hasn't started yet. Submit the report "
                        "when the week is over.",
                        report.display_name,
                    )
                )
            if not (report.summary or "").strip():
                raise UserError(
                    self.env._(
                        "Summarize your week in a sentence or two. The recorded "
                        "activity is already filled in."
                    )
                )

    def _check_returnable(self):
        self._check_not_maker()

    def _submit(self):
        """Submit with the recorded activity as of now."""
        self._collect_facts()
        self.sudo().activity_feedback([WRITE])
        return super()._submit()

    def _prepare_submission(self):
        return {"submitted_date": fields.Datetime.now()}

    def _approve(self):
        # Reviewers can't write reports, so the decision is written as superuser.
        return super(WorkReport, self.sudo())._approve()

    def _return(self, reason):
        return super(WorkReport, self.sudo())._return(reason)

    def _prepare_return(self, reason):
        return {"return_reason": reason}

    def _reviewers(self):
        """Return reviewers, first the supervisor of one of the manager's accounts."""
        accounts = self.env["nka.key.account"].sudo()
        own = accounts.search(
            [("manager_id", "=", self.user_id.id), ("supervisor_id", "!=", False)],
            limit=1,
        ).supervisor_id
        others = super()._reviewers()
        return (own | others) & others

    def _ask_answer(self, reason):
        for report in self.filtered("user_id"):
            report.activity_schedule(WRITE, user_id=report.user_id.id, note=reason)

    def _content(self):
        """Return text and figures as plain JSON by id, for hash and audit trail."""
        return {
            report.id: [
                *values_of(report, CONTENT),
                [values_of(fact, FACT) for fact in report.fact_ids.sorted("kind")],
            ]
            for report in self.sudo()
        }

    # ------------------------------------------------------------ facts
    def _collect_facts(self):
        """Collect the recorded activity of open reports again, as of now."""
        reports = self.sudo().filtered(lambda report: report.state in OPEN_STATES)
        self.env["nka.work.report.fact"]._collect(reports)
        reports._unlocked().write({"facts_date": fields.Datetime.now()})

    # ------------------------------------------------------------ job
    @api.model
    def _cron_reports(self):
        """Create missing reports, refresh open ones and send reminders."""
        today = fields.Date.context_today(self)
        for company in self.env["res.company"].sudo().search([]):
            self._make_reports(company, today)
        since = today - timedelta(days=LOOK_BACK_DAYS)
        domain = [("state", "in", OPEN_STATES), ("date_to", ">=", since)]
        self.search(domain)._collect_facts()
        late = self.search(self._domain_late())
        authors = {report.id: report.user_id.id for report in late}
        late._raise_activities(WRITE, authors, is_mailed=True)

    @api.model
    def _make_reports(self, company, today):
        """Create the missing reports of a company's managers.

        This week's report is created on Friday or on its last day. Days before a
        contract and weeks without a workday need no report.

        :return: the new reports
        :rtype: nka.work.report
        """
        employees = self._reporting_employees(company)
        if not employees:
            return self.browse()
        since = today - timedelta(days=LOOK_BACK_DAYS)
        spans = [
            span for span in reports_between(since, today) if self._is_due(span, today)
        ]
        vals_list = self._prepare_missing(employees, spans)
        return self.sudo()._unlocked().create(vals_list)

    @api.model
    def _is_due(self, span, today):
        return (
            span[1] <= today or today.weekday() >= FRIDAY or report_days(today) != span
        )

    @api.model
    def _prepare_missing(self, employees, spans):
        first, last = spans[0][0], spans[-1][1]
        needed = self._days_to_report(employees, first, last)
        taken = {
            (report.employee_id.id, report.date_from)
            for report in self.sudo().search(
                [("employee_id", "in", employees.ids), ("date_to", ">=", first)]
            )
        }
        return [
            {"employee_id": employee.id, "date_from": begin, "date_to": end}
            for begin, end in spans
            for employee in employees
            if (employee.id, begin) not in taken
            and any(begin <= day <= end for day in needed[employee.id])
        ]

    @api.model
    def _reporting_employees(self, company):
        """Return the employees of a company whose user is a key account manager."""
        users = self.env.ref(MANAGER).sudo().all_user_ids
        return (
            self.env["hr.employee"]
            .sudo()
            .search([("user_id", "in", users.ids), ("company_id", "=", company.id)])
        )

    @api.model
    def _days_to_report(self, employees, first, last):
        """Return workdays under contract without full-day time off, by employee id."""
        hours = calendars.working_hours(employees, first, last)
        employed = calendars.employed_days(employees, hours)
        off = calendars.days_off(employees, first, last, hours)
        return {
            id_: {day for day in days if not _is_off(off[id_], day)}
            for id_, days in employed.items()
        }

    # ------------------------------------------------------------ coverage
    # Scheduled, employed and covered days of many employees at once. The number of
    # queries depends only on their calendars.
    @api.model
    def _covered_days(self, employees, date_from, date_to):
        """Return days with an approved report, or with full-day time off that counts.

        :rtype: dict[int, set[date]]
        """
        covered = calendars.leave_days(employees, date_from, date_to)
        return self._add_reported(covered, employees, date_from, date_to)

    @api.model
    def _add_reported(self, covered, employees, date_from, date_to):
        reports = self.sudo().search(
            [
                ("employee_id", "in", employees.ids),
                ("state", "=", "approved"),
                ("date_from", "<=", date_to),
                ("date_to", ">=", date_from),
            ]
        )
        for report in reports:
            first, last = max(report.date_from, date_from), min(report.date_to, date_to)
            covered[report.employee_id.id] |= set(calendars.days_between(first, last))
        return covered

    @api.model
    def _month_days(self, employees, date_from, date_to, within=None):
        """Return scheduled, employed and covered days for ``paycalc``.

        Employees without a scheduled day in the span aren't included.

        :param dict within: spans by employee id: first day, last day (may be empty),
            and whether unpaid leave is deducted (True if missing). Only employed days
            within one of them count; for employees without spans, all days count
        :rtype: dict[int, paycalc.MonthDays]
        """
        hours = calendars.working_hours(employees, date_from, date_to)
        employed = calendars.employed_days(employees, hours)
        off = calendars.days_off(employees, date_from, date_to, hours)
        covered = {
            id_: {day for day in days if days[day].part == 1}
            for id_, days in off.items()
        }
        self._add_reported(covered, employees, date_from, date_to)
        return {
            id_: _count_days(
                days,
                employed[id_],
                covered[id_],
                off[id_],
                (within or {}).get(id_, [ALWAYS]),
            )
            for id_, days in hours.items()
            if days
        }

    @api.model
    def _unpaid_leaves(self, employees, date_from, date_to):
        """Return unpaid time off, and time off that doesn't count with the reason.

        :return: by employee id, ids of hr.leave and rows of calendars.leave_rows
        :rtype: dict[int, tuple[list, list]]
        """
        rows = calendars.leave_rows(employees, date_from, date_to)
        return {
            id_: (
                [row.leave_id for row in own if row.is_unpaid and row.counted],
                [row for row in own if row.reason],
            )
            for id_, own in rows.items()
        }


def _is_off(off, day):
    """Return whether ``day`` is off all day."""
    return day in off and off[day].part == 1


def _count_days(scheduled, employed, covered, off, spans):
    """Return the days of one employee, less unpaid leave if the plan deducts it."""
    days = {day: span for day in employed if (span := _span_of(day, spans))}
    unpaid = {day: off[day].unpaid for day in days if day in off}
    paid = {
        day: 1 - (unpaid.get(day, 0) if _is_deducted(span) else 0)
        for day, span in days.items()
    }
    return MonthDays(
        len(scheduled),
        Decimal(sum(paid.values())),
        Decimal(sum(part for day, part in paid.items() if day in covered)),
        Decimal(sum(unpaid.values())),
    )


def _span_of(day, spans):
    """Return the span that includes ``day``, or None."""
    return next(
        (span for span in spans if span[0] <= day <= (span[1] or date.max)), None
    )


def _is_deducted(span):
    return len(span) < 3 or span[2]
