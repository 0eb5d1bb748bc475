from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import LazyTranslate, format_date

from ...paycalc import MonthDays
from ..facts import calendars, payments
from ..trail.frozen_rows import freeze_rows
from ..trail.roles import MANAGER, SUPERVISOR
from .weeks import report_days, reports_between

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

WRITE = "nka_key_accounts.mail_activity_type_write_report"
REVIEW = "nka_key_accounts.mail_activity_type_review_report"
#: The job looks back this far, for managers added late and weeks it didn't run.
LOOK_BACK_DAYS = 28
FRIDAY = 4


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
    _audit_readers = "role"
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

    # ============================================================ steps
    # From the draft to the approval.

    # ------------------------------------------------------------ steps: checks
    def _check_not_maker(self):
        for report in self.sudo():
            if self.env.user in report._makers():
                raise AccessError(
                    self.env._(
                        "%s is about you, so another supervisor has to approve it. "
                        "Nothing was changed.",
                        report.display_name,
                    )
                )

    def _check_begun(self):
        today = fields.Date.context_today(self)
        for report in self:
            if report.date_from > today:
                raise UserError(self.env._("%s hasn't begun yet.", report.display_name))

    def _check_words(self):
        for report in self:
            if not (report.summary or "").strip():
                raise UserError(
                    self.env._(
                        "Say in a sentence or two what you did; the facts are there "
                        "already."
                    )
                )

    # ------------------------------------------------------------ steps: actions
    def action_submit(self):
        """Hand one's own reports in, with the facts as of now.

        :raise AccessError: for somebody else's report
        :raise UserError: without words, or before its days have begun
        """
        self._check_own()
        self._check_state(*OPEN_STATES)
        self._check_begun()
        self._check_words()
        self._collect_facts()
        self._move_to("submitted", submitted_date=fields.Datetime.now())
        self.sudo().activity_feedback([WRITE])
        self._ask_reviewers()
        return True

    def action_approve(self):
        """Approve submitted reports, one or many at once; never one's own.

        :raise AccessError: for anybody but a supervisor, or for one's own report
        """
        self._check_supervisor()
        self._check_state("submitted")
        self._check_not_maker()
        self.sudo()._move_to(
            "approved",
            approved_by_id=self.env.uid,
            approved_date=fields.Datetime.now(),
        )
        self.sudo().activity_feedback([REVIEW])
        return True

    def action_return(self, reason=None):
        """Send submitted reports back with a question; asks for it when not given."""
        self._check_supervisor()
        self._check_state("submitted")
        self._check_not_maker()
        if not reason:
            return self._ask_reason("action_return")
        self.sudo()._move_to("returned", note=reason, return_reason=reason)
        self.sudo().activity_feedback([REVIEW], feedback=reason)
        for report in self:
            report._remind(reason)
        return True

    def action_refresh_facts(self):
        """Collect the facts of open reports again, as of now."""
        self._check_own()
        self._check_state(*OPEN_STATES)
        self._collect_facts()
        return True

    @api.model
    def action_open_mine(self):
        """Open the acting person's report to write next: a returned one, else the
        oldest open one, else this week's, made on the spot.

        :raise UserError: for a person who isn't an employee
        """
        report = self._find_mine() or self._make_mine()
        report._collect_facts()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("My week"),
            "res_model": self._name,
            "view_mode": "form",
            "res_id": report.id,
        }

    # ------------------------------------------------------------ steps: business
    @api.model
    def _find_mine(self):
        mine = self.search(
            [("user_id", "=", self.env.uid), ("state", "in", OPEN_STATES)],
            order="date_from",
        )
        return mine.filtered(lambda r: r.state == "returned")[:1] or mine[:1]

    @api.model
    def _make_mine(self):
        employee = self._own_employee()
        if not employee:
            raise UserError(
                self.env._(
                    "No employee is linked to your login, so there is no week to "
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

    def _ask_reviewers(self):
        for report in self.sudo():
            reviewer = report._first_supervisor()
            if reviewer:
                report.activity_schedule(REVIEW, user_id=reviewer.id)

    def _remind(self, note=False):
        """Ask the manager for his report, once."""
        report = self.sudo()
        if report.user_id and not report.activity_search([WRITE]):
            report.activity_schedule(WRITE, user_id=report.user_id.id, note=note)

    # ============================================================ sources
    # Where the facts of a report come from.
    #
    # Every source is one grouped query for all reports of the same days; those of a
    # room that isn't there are left out.

    # ------------------------------------------------------------ sources: sources
    @api.model
    def _fact_sources(self):
        """What is counted for a report, in the order it is shown.

        A source names ``model``, ``domain``, the ``date`` and ``owner`` fields and
        optionally an ``amount`` field; or, for anything else, a ``method`` that takes
        users, company, first and last day and returns (count, amount, ids) by user.

        :rtype: list[dict]
        """
        sources = [
            self._source_negotiations(),
            self._source_vip_leads(),
            self._source_quotations(),
            self._source_deals_won(),
            self._source_documents(),
            self._source_commitments(),
            self._source_overdue(),
        ]
        return [source for source in sources if source["model"] in self.env]

    @api.model
    def _source_vip_leads(self):
        return {
            "kind": "new_vip_leads",
            "label": self.env._("New VIP leads"),
            "model": "crm.lead",
            "domain": [("is_vip", "=", True)],
            "date": "create_date",
            "owner": "user_id",
            "amount": "expected_revenue",
        }

    @api.model
    def _source_quotations(self):
        return {
            "kind": "quotations",
            "label": self.env._("Quotations"),
            "model": "sale.order",
            "domain": [("state", "!=", "cancel")],
            "date": "create_date",
            "owner": "user_id",
            "amount": "amount_untaxed",
        }

    @api.model
    def _source_deals_won(self):
        return {
            "kind": "deals_won",
            "label": self.env._("Deals won"),
            "model": "crm.lead",
            "domain": [("stage_id.is_won", "=", True)],
            "date": "date_closed",
            "owner": "user_id",
            "amount": "expected_revenue",
        }

    @api.model
    def _source_overdue(self):
        return {
            "kind": "overdue",
            "label": self.env._("Overdue receivables"),
            "model": "account.move.line",
            "method": self._count_overdue,
        }

    @api.model
    def _source_negotiations(self):
        events = self.env["calendar.event"]
        return {
            "kind": "negotiations",
            "label": self.env._("Negotiations held"),
            "model": "calendar.event",
            "domain": events._domain_held(),
            "date": "start",
            "owner": "user_id",
        }

    @api.model
    def _source_documents(self):
        return {
            "kind": "documents_submitted",
            "label": self.env._("Documents submitted"),
            "model": "nka.document",
            "domain": [],
            "date": "submit_date",
            "owner": "submitted_by_id",
        }

    @api.model
    def _source_commitments(self):
        return {
            "kind": "commitments_closed",
            "label": self.env._("Commitments closed"),
            "model": "nka.commitment",
            "domain": [("state", "in", ("kept", "breached", "waived"))],
            "date": "closed_date",
            "owner": "manager_id",
        }

    # ------------------------------------------------------------ sources: collecting
    def _collect_facts(self):
        """Write the facts of these reports anew, as of now.

        The number of queries depends on the kinds of facts and on the spans of days,
        not on the number of managers.
        """
        open_reports = self.sudo().filtered(lambda r: r.state in ("draft", "returned"))
        vals_list = []
        for (company, first, last), reports in open_reports.grouped(
            lambda r: (r.company_id, r.date_from, r.date_to)
        ).items():
            vals_list += reports._prepare_facts(company, first, last)
        facts = self.env["nka.work.report.fact"].sudo()
        facts.search([("report_id", "in", open_reports.ids)]).unlink()
        facts._unlocked().create(vals_list)
        open_reports._unlocked().write({"facts_date": fields.Datetime.now()})

    def _prepare_facts(self, company, first, last):
        users = self.user_id
        report_by_user = {report.user_id.id: report.id for report in self}
        vals_list = []
        for sequence, source in enumerate(self._fact_sources()):
            count = source.get("method") or self._count_source
            found = count(users, company, first, last, source) if users else {}
            for user_id, report_id in report_by_user.items():
                number, amount, ids = found.get(user_id, (0, 0.0, []))
                vals_list.append(
                    {
                        "report_id": report_id,
                        "sequence": sequence,
                        "kind": source["kind"],
                        "res_model": source["model"],
                        "count": number,
                        "amount": amount,
                        "res_ids": ids,
                    }
                )
        return vals_list

    @api.model
    def _count_source(self, users, company, first, last, source):
        """Count one source for all users with one grouped query.

        :return: (count, amount, ids) by user id
        """
        records = self.env[source["model"]].sudo().with_context(active_test=False)
        domain = Domain(source["domain"]) & Domain(source["owner"], "in", users.ids)
        domain &= Domain(
            calendars.domain_days(records, source["date"], company, first, last)
        )
        if "company_id" in records._fields and records._fields["company_id"].store:
            domain &= Domain("company_id", "in", [company.id, False])
        wanted = ["__count", "id:array_agg"]
        if source.get("amount"):
            wanted.append(f"{source['amount']}:sum")
        return {
            owner.id: (count, amount[0] if amount else 0.0, sorted(ids))
            for owner, count, ids, *amount in records._read_group(
                domain, [source["owner"]], wanted
            )
        }

    @api.model
    def _count_overdue(self, users, company, first, last, source):
        """Receivables of the managers' accounts that are overdue on the last day, or
        today while the week runs."""
        day = min(last, fields.Date.context_today(self))
        self.env.flush_all()
        return payments.read_overdue_items(company, users, day)

    # ============================================================ job
    # Reports made by the job, and reminders.

    @api.model
    def _cron_reports(self):
        """Make the missing reports with their facts, refresh open ones, remind."""
        today = fields.Date.context_today(self)
        for company in self.env["res.company"].sudo().search([]):
            self._make_reports(company, today)
        since = today - timedelta(days=LOOK_BACK_DAYS)
        domain = [("state", "in", OPEN_STATES), ("date_to", ">=", since)]
        self.search(domain)._collect_facts()
        for report in self.search(self._domain_late()):
            report._remind()

    @api.model
    def _make_reports(self, company, today):
        """Make the reports that managers of a company lack.

        The running week's comes on Friday, or on its last day. Days before somebody's
        contract, and weeks without a day of work, need none.

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
        """Employees of a company whose login is a key account manager's."""
        users = self.env.ref(MANAGER).sudo().all_user_ids
        return (
            self.env["hr.employee"]
            .sudo()
            .search([("user_id", "in", users.ids), ("company_id", "=", company.id)])
        )

    @api.model
    def _days_to_report(self, employees, first, last):
        """Workdays under contract on which somebody was neither on leave nor off."""
        scheduled = calendars.scheduled_days(employees, first, last)
        employed = calendars.employed_days(employees, scheduled)
        leaves = calendars.leave_days(employees, first, last)
        return {id_: days - leaves[id_] for id_, days in employed.items()}

    # ============================================================ coverage
    # Which days somebody should have worked, was employed, and has proof for.
    #
    # Everything for many employees at once; the number of queries depends on the
    # number of different working calendars, not of people.

    # ------------------------------------------------------------ coverage: business
    @api.model
    def _covered_days(self, employees, date_from, date_to):
        """Days with an approved report or an approved leave.

        :rtype: dict[int, set[date]]
        """
        covered = calendars.leave_days(employees, date_from, date_to)
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
        """Scheduled, employed and covered days, counted for the pay arithmetic.

        Who has no scheduled day in the span is left out.

        :param dict within: first and last days by employee id; only employed days
            inside of one of them count. A last day may be open. All when not given
        :rtype: dict[int, paycalc.MonthDays]
        """
        scheduled = calendars.scheduled_days(employees, date_from, date_to)
        employed = calendars.employed_days(employees, scheduled)
        for id_ in employed.keys() & (within or {}).keys():
            spans = within[id_]
            employed[id_] = {day for day in employed[id_] if _is_within(day, spans)}
        covered = self._covered_days(employees, date_from, date_to)
        return {
            id_: MonthDays(
                len(days), len(employed[id_]), len(employed[id_] & covered[id_])
            )
            for id_, days in scheduled.items()
            if days
        }


def _is_within(day, spans):
    """Whether a day lies in one of the spans."""
    return any(first <= day <= (last or date.max) for first, last in spans)
