import json

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..trail.opening import open_action
from ..trail.roles import DIRECTOR
from .nka_week_change import monday

TEMPLATE = "nka_key_accounts.mail_template_week"
#: Maximum number of accounts on the page; the counters open the full list.
ROWS = 6
GRAPH_MONTHS = 12
#: Health below this needs attention.
POOR = "poor"


class Overview(models.Model):
    """First page of a director: what matters first, with computed fields only.

    One record per user. The figures are those of the current company, read with the
    user's own rights.
    """

    _name = "nka.overview"
    _description = "Overview"
    _inherit = ["nka.read.mixin"]
    _log_access = False

    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_figures")
    has_accounts = fields.Boolean("Has accounts", compute="_compute_figures")
    account_count = fields.Integer("Key accounts", compute="_compute_figures")
    revenue = fields.Monetary("Revenue, 12 months", compute="_compute_figures")
    overdue = fields.Monetary("Overdue amount", compute="_compute_figures")
    pipeline = fields.Monetary("Open pipeline", compute="_compute_figures")
    document_count = fields.Integer(
        "Documents awaiting approval", compute="_compute_figures"
    )
    late_count = fields.Integer(
        "Reviews past their deadline", compute="_compute_figures"
    )
    attention_count = fields.Integer("Needs attention", compute="_compute_lists")
    attention_ids = fields.Many2many(
        "nka.key.account", string="Accounts needing attention", compute="_compute_lists"
    )
    change_ids = fields.Many2many(
        "nka.week.change", string="What changed most", compute="_compute_lists"
    )
    total_ids = fields.Many2many(
        "nka.pay.total", string="Pay of the month", compute="_compute_lists"
    )
    promise_count = fields.Integer("Promises overdue", compute="_compute_promises")
    promise_ids = fields.Many2many(
        "nka.promise", string="Promises to managers", compute="_compute_promises"
    )
    change_title = fields.Char("Weeks compared", compute="_compute_lists")
    total_title = fields.Char("Month of pay", compute="_compute_lists")
    total_amount = fields.Monetary("Pay of the last month", compute="_compute_lists")
    graph = fields.Text("Invoiced by month", compute="_compute_graph")
    mail_html = fields.Html(
        "What changed", compute="_compute_mail_html", sanitize=False
    )

    _user_unique = models.UniqueIndex(
        "(user_id)", "Your overview is already open. Reload the page."
    )

    # ------------------------------------------------------------ compute
    @api.depends_context("lang")
    def _compute_display_name(self):
        self.display_name = self.env._("Overview")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_figures(self):
        accounts = self.env["nka.key.account"]
        [(count, revenue, overdue, pipeline)] = accounts._read_group(
            self._domain_accounts(),
            [],
            [
                "__count",
                "trailing_revenue:sum",
                "overdue_amount:sum",
                "pipeline_amount:sum",
            ],
        )
        self.currency_id = self.env.company.currency_id
        self.has_accounts = bool(count)
        self.account_count = count
        self.revenue = revenue
        self.overdue = overdue
        self.pipeline = pipeline
        [(waiting, late)] = self.env["nka.document.quality"]._read_group(
            self._domain_documents(), [], ["review_count:sum", "overdue_count:sum"]
        )
        self.document_count = waiting
        self.late_count = late

    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_lists(self):
        accounts = self.env["nka.key.account"]
        domain = self._domain_attention()
        self.attention_count = accounts.search_count(domain)
        self.attention_ids = accounts.search(domain, order="health", limit=ROWS)
        changes = self.env["nka.week.change"]._latest(self.env.company)
        self.change_ids = changes
        self.change_title = self._title_changes(changes)
        totals = self._last_totals()
        self.total_ids = totals
        self.total_amount = sum(totals.mapped("total_amount"))
        self.total_title = (
            self.env._(
                "Pay, %s", format_date(self.env, totals[0].month, date_format="LLLL y")
            )
            if totals
            else self.env._("Pay")
        )

    @api.depends_context("uid", "tz", "allowed_company_ids")
    def _compute_promises(self):
        promises = self.env["nka.promise"].search(self._domain_promises())
        self.promise_count = len(promises)
        self.promise_ids = promises[:ROWS]

    @api.model
    def _title_changes(self, changes):
        if not changes:
            return self.env._("What changed most")
        return self.env._(
            "What changed most in the week before %s",
            format_date(self.env, changes[0].week),
        )

    @api.depends_context("uid", "lang", "tz", "allowed_company_ids")
    def _compute_graph(self):
        this = fields.Date.context_today(self).replace(day=1)
        first = this - relativedelta(months=GRAPH_MONTHS - 1)
        found = dict(
            self.env["nka.sales.history"]._read_group(
                [
                    ("month", ">=", first),
                    ("key_account_id.company_id", "=", self.env.company.id),
                    ("key_account_id.state", "=", "key"),
                ],
                ["month:month"],
                ["invoiced_amount:sum_currency"],
            )
        )
        months = [first + relativedelta(months=step) for step in range(GRAPH_MONTHS)]
        values = [
            {
                "label": format_date(self.env, month, date_format="LLL yy"),
                "value": round(found.get(month, 0)),
                "type": "future" if month == this else "past",
            }
            for month in months
        ]
        self.graph = json.dumps([{"key": self.env._("Invoiced"), "values": values}])

    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_mail_html(self):
        changes = self.env["nka.week.change"]._latest(self.env.company)
        self.mail_html = self.env["ir.qweb"]._render(
            "nka_key_accounts.week_mail",
            {
                "changes": changes,
                "promises": self.env["nka.promise"].search(self._domain_promises()),
                "title": self._title_changes(changes),
                "base_url": self.get_base_url(),
            },
        )

    # ------------------------------------------------------------ counted reads
    def _key_records(self):
        """Count the accounts that the page lists, not the page."""
        return self.browse()

    @api.model
    def _key_domain(self):
        return Domain.FALSE

    # ------------------------------------------------------------ domains
    @api.model
    def _domain_accounts(self):
        return [("state", "=", "key"), ("company_id", "=", self.env.company.id)]

    @api.model
    def _domain_attention(self):
        """Return the domain of accounts whose health is poor, falls or lacks a contact."""
        return [
            *self._domain_accounts(),
            "|",
            "|",
            ("health_level", "=", POOR),
            ("health_trend", "=", "down"),
            ("contact_reason", "=", "overdue"),
        ]

    @api.model
    def _domain_documents(self):
        """Return the domain of reviews that wait for a decision."""
        return [("verdict", "=", False), ("company_id", "=", self.env.company.id)]

    @api.model
    def _domain_promises(self):
        """Return the domain of overdue promises to managers."""
        return [("is_overdue", "=", True), ("company_id", "=", self.env.company.id)]

    @api.model
    def _last_totals(self):
        """Return the pay totals of the last calculated month.

        :rtype: nka.pay.total
        """
        totals = self.env["nka.pay.total"]
        mine = [("company_id", "=", self.env.company.id)]
        last = totals.search(mine, limit=1)
        return totals.search([*mine, ("month", "=", last.month)])

    # ------------------------------------------------------------ actions
    @api.model
    def action_open(self):
        """Open the current user's own page. It is created the first time.

        :return: the action that shows it
        """
        self.env["res.users"]._nka_check_acknowledged()
        self.check_access("read")
        return open_action(self.env, "nka_overview_action", res_id=self._own().id)

    @api.model
    def _own(self, user=None):
        """Return the page of a user, the current one by default."""
        user_id = (user or self.env.user).id
        pages = self.sudo()
        page = pages.search([("user_id", "=", user_id)])
        return (page or pages.create({"user_id": user_id})).with_env(self.env)

    def action_open_accounts(self):
        """Open the key accounts of the company."""
        return self._open("nka_key_account_action", self._domain_accounts())

    def action_open_attention(self):
        """Open the key accounts that need attention."""
        return self._open("nka_key_account_action", self._domain_attention())

    def action_open_portfolio(self):
        """Open the figures of the key accounts as a pivot."""
        return self._open("nka_key_account_action_portfolio", self._domain_accounts())

    def action_open_pipeline(self):
        """Open the open deals of key accounts."""
        return self._open(
            "crm_lead_action_overview",
            [
                ("key_account_id.state", "=", "key"),
                ("key_account_id.company_id", "=", self.env.company.id),
                ("won_status", "=", "pending"),
            ],
        )

    def action_open_documents(self):
        """Open the reviews that wait for a decision."""
        return self._open(
            "nka_document_quality_action_waiting", self._domain_documents()
        )

    def action_open_totals(self):
        """Open the pay totals of all months."""
        return self._open("nka_pay_total_action", [])

    def action_open_promises(self):
        """Open the overdue promises to managers."""
        return self._open("nka_promise_action", self._domain_promises())

    def action_preview_mail(self):
        """Show the weekly mail as it is sent."""
        self.ensure_one()
        return open_action(self.env, "nka_overview_action_mail", res_id=self.id)

    @api.model
    def _open(self, action, domain):
        self.check_access("read")
        return open_action(self.env, action, domain=domain, context={})

    # ------------------------------------------------------------ weekly mail
    @api.model
    def _cron_week(self):
        """Record the figures of the week and mail the changes to the directors.

        It runs daily, so that a week isn't lost when the server was off on its Monday.
        """
        week = monday(fields.Date.context_today(self))
        weeks = self.env["nka.account.week"]
        companies = self.env["res.company"].search([])
        waiting = companies.filtered(lambda company: not weeks._is_taken(company, week))
        for company in waiting:
            self.with_company(company)._start_week(company, week)
            self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _start_week(self, company, week):
        """Record a company's figures and changes of a week, and mail the changes."""
        self.env["nka.account.week"]._take_both(company, week)
        changes = self.env["nka.week.change"]._record(company, week)
        promises = (
            self.env["nka.promise"]
            .sudo()
            .search_count(self._domain_promises(), limit=1)
        )
        if (changes or promises) and company.nka_week_mail:
            self._mail_directors(company)

    @api.model
    def _mail_directors(self, company):
        """Queue the mail to each director of a company, in their language."""
        template = self.env.ref(TEMPLATE, raise_if_not_found=False)
        directors = self.env["res.users"]._nka_holders(DIRECTOR, company)
        for user in directors.filtered("email") if template else ():
            template.with_context(
                lang=user.lang, allowed_company_ids=company.ids
            ).send_mail(
                self._own(user).id,
                email_values={"recipient_ids": [(4, user.partner_id.id)]},
            )
