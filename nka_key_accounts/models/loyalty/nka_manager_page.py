"""One page per key account manager: what binds them to the company."""

import json

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_amount, format_date

from ... import paycalc
from ..facts import calendars
from ..trail.opening import open_action, open_list
from ..trail.roles import DIRECTOR
from . import page_sql

#: Months of the pay course.
COURSE_MONTHS = 12
#: Accounts listed on a page, those with most revenue at risk.
MOST_ACCOUNTS = 8
#: Numbers of promises on the printed page, by row.
PRINTED_PROMISES = (
    ("promise_kept", "promise_confirmed", "promise_late", "promise_open"),
    ("promise_overdue", "promise_disputed", "promise_broken", "promise_withdrawn"),
)
REPORT = "nka_key_accounts.nka_manager_page_report"


class ManagerPage(models.Model):
    """Tenure, pay, promises, load, dependency and mentees of one manager.

    Directors read all pages of the company, in totals. Managers read their own, with
    the notice by which they were informed, but nothing about others: no median, market
    pay or dependency. There is no page before staff were informed.
    """

    _name = "nka.manager.page"
    _description = "Page of a manager"
    _auto = False
    _order = "user_id, id"
    _rec_name = "user_id"
    # Fields to flush before the query below reads them.
    _depends = {
        "nka.dependency": ["user_id", "is_current", "revenue", "revenue_change"],
        "nka.key.account": ["manager_id", "state", "company_id"],
        "nka.mentorship": ["mentor_id", "date_from", "date_to", "company_id"],
        "nka.pay.agreement": ["employee_id", "state", "date_from", "date_to"],
        "nka.pay.statement": ["employee_id", "state", "month", "total_amount"],
        "nka.promise": ["employee_id", "state", "answer", "date_due", "date_closed"],
        "nka.work.report": ["employee_id", "state", "date_to"],
        "res.company": ["nka_pages_kept", "nka_pages_informed_on"],
    }

    employee_id = fields.Many2one("hr.employee", readonly=True)
    user_id = fields.Many2one("res.users", "Manager", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    notice = fields.Text(
        related="company_id.nka_pages_notice", string="Notice to staff"
    )
    informed_on = fields.Date(related="company_id.nka_pages_informed_on")

    date_start = fields.Date("Employed since", compute="_compute_tenure")
    tenure_months = fields.Integer("Months employed", compute="_compute_tenure")
    tenure = fields.Char(compute="_compute_tenure")

    target_earnings = fields.Monetary(
        "Target earnings", readonly=True, help="Monthly, by the present agreement."
    )
    paid_months = fields.Integer("Locked months", readonly=True)
    paid_amount = fields.Monetary(
        "Pay of twelve months",
        readonly=True,
        help="Totals of the locked statements of the last twelve closed months.",
    )
    paid_average = fields.Monetary("Average monthly pay", readonly=True)
    paid_ratio = fields.Float(
        "Pay against target (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 0),
        help="Pay of the locked months against the target earnings agreed for them.",
    )
    team_median = fields.Monetary(
        "Team median",
        readonly=True,
        groups=DIRECTOR,
        help="Median of the average monthly pay of the company's key account managers. "
        "Shown from three people on.",
    )
    team_size = fields.Integer("People in the median", readonly=True, groups=DIRECTOR)
    median_ratio = fields.Float(
        "Against the median (%)",
        readonly=True,
        groups=DIRECTOR,
        aggregator="avg",
        digits=(16, 0),
    )
    market_amount = fields.Monetary(
        "Market pay",
        compute="_compute_market",
        compute_sudo=True,
        groups=DIRECTOR,
        help="Latest confirmed figure for the employee's job, or for all key account "
        "managers.",
    )
    market_ratio = fields.Float(
        "Against the market (%)",
        compute="_compute_market",
        compute_sudo=True,
        groups=DIRECTOR,
        digits=(16, 0),
    )
    market_source = fields.Char(
        "Source", compute="_compute_market", compute_sudo=True, groups=DIRECTOR
    )
    pay_graph = fields.Text(
        "Pay by month", compute="_compute_pay_graph", compute_sudo=True
    )

    promise_open = fields.Integer("Promises open", readonly=True)
    promise_kept = fields.Integer(
        "Promises kept", readonly=True, help="Without those that the manager disputes."
    )
    promise_confirmed = fields.Integer("Kept, confirmed", readonly=True)
    promise_late = fields.Integer("Kept late", readonly=True)
    promise_disputed = fields.Integer("Promises disputed", readonly=True)
    promise_broken = fields.Integer("Promises not kept", readonly=True)
    promise_withdrawn = fields.Integer("Promises withdrawn", readonly=True)
    promise_overdue = fields.Integer("Promises overdue", readonly=True)
    promise_rate = fields.Float(
        "Promises kept (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 0),
        help="Promises kept and not disputed, of those kept, not kept or overdue.",
    )
    promise_ids = fields.Many2many(
        "nka.promise", string="Promises", compute="_compute_promise_ids"
    )

    account_count = fields.Integer("Key accounts", readonly=True)
    revenue = fields.Monetary("Revenue, 12 months", readonly=True)
    report_count = fields.Integer(
        "Reports approved, 12 months",
        readonly=True,
        help="Weekly reports of the last twelve months.",
    )
    report_late_count = fields.Integer(
        "Reports missing",
        readonly=True,
        help="Weekly reports of past weeks that aren't submitted.",
    )
    mentee_count = fields.Integer("Mentees", readonly=True)
    mentees = fields.Char(
        "Names of the mentees", compute="_compute_mentees", compute_sudo=True
    )

    dependency_revenue = fields.Monetary(
        "Revenue that leaves with them",
        readonly=True,
        groups=DIRECTOR,
        help="Revenue of twelve months of each account, times their share of the recorded "
        "contact.",
    )
    dependency_change = fields.Monetary(
        "Its change over the year", readonly=True, groups=DIRECTOR
    )
    dependency_ids = fields.Many2many(
        "nka.dependency",
        string="Clients that depend on them",
        compute="_compute_dependency_ids",
        groups=DIRECTOR,
    )

    @property
    def _table_query(self):
        return page_sql.rows_sql(self.env)

    # ------------------------------------------------------------ compute
    @api.depends("employee_id", "user_id")
    @api.depends_context("tz", "lang")
    def _compute_tenure(self):
        """Count the employment without a break, by contracts and agreements."""
        spans = self._read_spans()
        today = fields.Date.context_today(self)
        for page in self:
            own = spans.get(page.sudo().employee_id.id, [])
            first = paycalc.employment_start(own, today) if own else False
            page.date_start = first
            span = relativedelta(today, first) if first else relativedelta()
            page.tenure_months = max(0, span.years * 12 + span.months)
            page.tenure = first and page._say_tenure(*divmod(page.tenure_months, 12))

    def _read_spans(self):
        """Return first and last days of contracts and agreements by employee id."""
        employees = self.sudo().employee_id
        spans = calendars.contract_spans(employees)
        agreements = (
            self.env["nka.pay.agreement"]
            .sudo()
            .search_fetch(
                [
                    ("employee_id", "in", employees.ids),
                    ("state", "in", ("accepted", "ended")),
                ],
                ["employee_id", "date_from", "date_to"],
            )
        )
        for agreement in agreements:
            spans.setdefault(agreement.employee_id.id, []).append(
                (agreement.date_from, agreement.date_to or None)
            )
        today = fields.Date.context_today(self)
        return {
            employee_id: begun
            for employee_id, own in spans.items()
            if (begun := [span for span in own if span[0] <= today])
        }

    def _say_tenure(self, years, months):
        if not years:
            return self.env._("%s months", months)
        return self.env._(
            "%(years)s years, %(months)s months", years=years, months=months
        )

    @api.depends("employee_id", "company_id", "paid_average")
    @api.depends_context("lang")
    def _compute_market(self):
        figures = self.env["nka.pay.market"].search(
            [
                ("company_id", "in", self.company_id.ids),
                ("state", "=", "approved"),
                ("date", "<=", fields.Date.context_today(self)),
            ]
        )
        for page in self:
            own = figures.filtered(
                lambda row, page=page: row.company_id == page.company_id
            )
            job = page.employee_id.job_id
            figure = (
                own.filtered(lambda row, job=job: job and row.job_id == job)
                or own.filtered(lambda row: not row.job_id)
            )[:1]
            page.market_amount = figure.amount
            page.market_ratio = 100 * page.paid_average / figure.amount if figure else 0
            page.market_source = figure and page._say_source(figure)

    def _say_source(self, figure):
        return self.env._(
            "%(position)s, %(day)s: %(origin)s",
            position=figure.name,
            day=format_date(self.env, figure.date),
            origin=figure.source,
        )

    @api.depends("employee_id")
    @api.depends_context("lang", "tz")
    def _compute_pay_graph(self):
        courses = self._read_courses()
        for page in self:
            values = [
                {
                    "label": format_date(self.env, month, date_format="LLL yy"),
                    "value": round(total),
                    "type": "past",
                }
                for month, total, _target in courses.get(page.employee_id.id, ())
            ]
            page.pay_graph = json.dumps([{"key": self.env._("Pay"), "values": values}])

    def _read_courses(self):
        """Return the locked months with total and target by employee id, oldest first.

        :rtype: dict[int, list[tuple]]
        """
        self.env["nka.pay.statement"].flush_model()
        courses = {}
        for employee_id, *row in self.env.execute_query(
            SQL(
                """SELECT paid.employee_id, paid.month, paid.total_amount, paid.target
                     FROM (%s) paid
                    WHERE paid.employee_id = ANY(%s)
                    ORDER BY paid.employee_id, paid.month""",
                page_sql.paid_sql(),
                self.sudo().employee_id.ids,
            )
        ):
            courses.setdefault(employee_id, []).append(tuple(row))
        return courses

    @api.depends("employee_id")
    @api.depends_context("uid")
    def _compute_promise_ids(self):
        promises = self.env["nka.promise"].search(
            [("employee_id", "in", self.sudo().employee_id.ids)]
        )
        for page in self:
            page.promise_ids = promises.filtered(
                lambda row, page=page: row.employee_id == page.employee_id
            )

    @api.depends("user_id", "company_id")
    def _compute_mentees(self):
        running = self.env["nka.mentorship"].search(
            [("mentor_id", "in", self.user_id.ids)]
        )
        for page in self:
            own = running.filtered(
                lambda row, page=page: (
                    row.is_running
                    and row.mentor_id == page.user_id
                    and row.company_id == page.company_id
                )
            )
            page.mentees = ", ".join(own.mentee_id.mapped("name"))

    @api.depends("user_id", "company_id")
    @api.depends_context("uid")
    def _compute_dependency_ids(self):
        rows = self.env["nka.dependency"].search(
            [
                ("is_current", "=", True),
                ("user_id", "in", self.user_id.ids),
                ("company_id", "in", self.company_id.ids),
            ],
            order="revenue desc, share desc, id",
        )
        for page in self:
            page.dependency_ids = rows.filtered(
                lambda row, page=page: (
                    row.user_id == page.user_id and row.company_id == page.company_id
                )
            )[:MOST_ACCOUNTS]

    # ------------------------------------------------------------ printed page
    def _prepare_columns(self):
        """Return the pay course for the printed page: label, pay and target in percent.

        :rtype: list[tuple]
        """
        self.ensure_one()
        self.check_access("read")
        course = self.sudo()._read_courses().get(self.sudo().employee_id.id, [])
        top = max(
            (max(total, target or 0) for _month, total, target in course), default=0
        )
        return [
            (
                format_date(self.env, month, date_format="LLL yy"),
                max(0, 100 * total / top) if top else 0,
                max(0, 100 * (target or 0) / top) if top else 0,
            )
            for month, total, target in course
        ]

    def _prepare_promises(self):
        """Return label and number of promises for the printed page, in two rows.

        :rtype: list[list[tuple]]
        """
        self.ensure_one()
        return [
            [
                (self._fields[name]._description_string(self.env), self[name])
                for name in row
            ]
            for row in PRINTED_PROMISES
        ]

    def _money(self, amount, ratio=None):
        """Return an amount without decimals of no use, with a percentage if given."""
        money = format_amount(
            self.env, amount, self.currency_id, trailing_zeroes=bool(amount % 1)
        )
        return money if ratio is None else f"{money} ({self._percent(ratio)})"

    def _percent(self, ratio):
        return f"{ratio:.0f}\N{NO-BREAK SPACE}%"

    # ------------------------------------------------------------ actions
    @api.model
    def action_open_mine(self):
        """Open the current user's own page, or the text that says why there is none."""
        self.check_access("read")
        mine = self.search([("user_id", "=", self.env.uid)], limit=1)
        form = {"res_id": mine.id, "view_mode": "form", "views": [(False, "form")]}
        return open_action(
            self.env, "nka_manager_page_action_mine", **(form if mine else {})
        )

    def action_open_promises(self):
        """Open the promises made to the manager."""
        self.ensure_one()
        self.check_access("read")
        return open_list(
            self.env,
            "nka.promise",
            [("employee_id", "=", self.sudo().employee_id.id)],
            self.env._("Promises to %s", self.sudo().user_id.name),
        )

    def action_open_accounts(self):
        """Open the key accounts of the manager."""
        self.ensure_one()
        self.check_access("read")
        return open_action(
            self.env,
            "nka_key_account_action",
            domain=[
                ("manager_id", "=", self.user_id.id),
                ("state", "=", "key"),
                ("company_id", "=", self.company_id.id),
            ],
            context={},
        )

    def action_print(self):
        """Print these pages."""
        self.check_access("read")
        return self.env.ref(REPORT).report_action(self)
