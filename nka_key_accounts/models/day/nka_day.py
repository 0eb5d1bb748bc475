import json
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import format_date, format_datetime

from ..facts import calendars
from ..trail.opening import open_action, open_page

#: Maximum number of rows per list; the counters open the full list.
ROWS = 6
#: Commitments due within this number of days are shown.
AHEAD_DAYS = 7
GRAPH_MONTHS = 12
#: List fields of the page and their counters.
SECTIONS = {
    "due_ids": "due_count",
    "lead_ids": "lead_count",
    "document_ids": "document_count",
    "commitment_ids": "commitment_count",
    "goal_ids": None,
    "mentorship_ids": None,
}


class Day(models.Model):
    """Daily start page of a manager: one record per user, with computed fields only.

    It shows what the user has to do, also for managers they cover for, under their own
    access rules. Users can't open the page of another user.
    """

    _name = "nka.day"
    _description = "My day"
    _log_access = False

    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="cascade"
    )
    title = fields.Char(compute="_compute_title")
    standing_text = fields.Char("Covering for", compute="_compute_title")
    has_accounts = fields.Boolean("Has accounts", compute="_compute_title")
    due_ids = fields.Many2many(
        "nka.key.account", string="Contacts due", compute="_compute_lists"
    )
    lead_ids = fields.Many2many(
        "crm.lead", string="Deals needing action", compute="_compute_lists"
    )
    document_ids = fields.Many2many(
        "nka.document", string="Returned documents", compute="_compute_lists"
    )
    commitment_ids = fields.Many2many(
        "nka.commitment", string="Commitments due", compute="_compute_lists"
    )
    goal_ids = fields.Many2many(
        "nka.season.goal", string="Season goals", compute="_compute_lists"
    )
    mentorship_ids = fields.Many2many(
        "nka.mentorship", string="My mentees", compute="_compute_lists"
    )
    due_count = fields.Integer("Number of contacts due", compute="_compute_lists")
    lead_count = fields.Integer(
        "Number of deals needing action", compute="_compute_lists"
    )
    document_count = fields.Integer(
        "Number of returned documents", compute="_compute_lists"
    )
    commitment_count = fields.Integer(
        "Number of commitments due", compute="_compute_lists"
    )
    goal_progress = fields.Float("Goals (%)", compute="_compute_lists", digits=(16, 0))
    graph = fields.Text("Invoiced by month", compute="_compute_graph")
    graph_title = fields.Char("Chart title", compute="_compute_graph")

    _user_unique = models.UniqueIndex(
        "(user_id)", "Your day is already open. Reload the page."
    )

    # ------------------------------------------------------------ compute
    @api.depends_context("uid", "lang", "tz")
    def _compute_display_name(self):
        self.display_name = self.env._("My day")

    @api.depends_context("uid", "lang", "tz")
    def _compute_title(self):
        today = fields.Date.context_today(self)
        weekday = format_date(self.env, today, date_format="EEEE")
        title = f"{weekday}, {calendars.day_text(self.env, today, 'MMMMd')}"
        self.title = title[:1].upper() + title[1:]
        accounts = self.env["nka.key.account"]
        self.has_accounts = accounts.search_count(
            [
                ("acting_user_ids", "in", self.env.uid),
                ("state", "in", ("candidate", "key")),
            ],
            limit=1,
        )
        away = accounts.search(
            [
                ("deputy_id", "=", self.env.uid),
                ("acting_user_ids", "in", self.env.uid),
                ("manager_id", "!=", self.env.uid),
            ]
        )
        self.standing_text = bool(away) and self.env._(
            "You are covering for %(people)s: %(accounts)s.",
            people=", ".join(away.sudo().manager_id.mapped("name")),
            accounts=", ".join(away.mapped("display_name")),
        )

    @api.depends_context("uid", "tz", "allowed_company_ids")
    def _compute_lists(self):
        today = fields.Date.context_today(self)
        for fname, counter in SECTIONS.items():
            records = self.env[self._fields[fname].comodel_name].search(
                getattr(self, f"_domain_{fname}")()
            )
            if fname == "due_ids":
                records = records.sorted(
                    lambda account: account.next_contact_date or today
                )
            self[fname] = records[:ROWS]
            if counter:
                self[counter] = len(records)
        self.goal_progress = self._goal_attainment()

    def _goal_attainment(self):
        """Return the percentage of the goal pay that the season would pay by now."""
        counted = self.goal_ids.filtered(lambda goal: goal.decision != "left_out")
        whole = sum(counted.mapped("weight"))
        scored = sum(goal.weight * goal.score for goal in counted)
        return 100 * scored / whole if whole else 0.0

    @api.depends_context("uid", "lang", "tz", "allowed_company_ids")
    def _compute_graph(self):
        months = self._read_months()
        made = self.env.company.sudo().nka_history_date
        self.graph_title = (
            self.env._(
                "Invoiced by month, my accounts (as of %s)",
                format_datetime(self.env, made, dt_format="short"),
            )
            if made
            else self.env._("Invoiced by month, my accounts (available tomorrow)")
        )
        last = max(months, default=None)
        values = [
            {
                "label": format_date(self.env, month, date_format="LLL yy"),
                "value": round(amount),
                "type": "future" if month == last else "past",
            }
            for month, amount in months.items()
        ]
        self.graph = json.dumps([{"key": self.env._("Invoiced"), "values": values}])

    def _read_months(self):
        """Return the amounts invoiced in each of the last twelve months.

        They are in the currency of the current company. Months without invoices are
        included.

        :return: amounts by first day of the month
        :rtype: dict[date, float]
        """
        this = fields.Date.context_today(self).replace(day=1)
        first = this - relativedelta(months=GRAPH_MONTHS - 1)
        rows = self.env["nka.sales.history"]._read_group(
            [
                ("month", ">=", first),
                ("key_account_id.manager_id", "=", self.env.uid),
            ],
            ["month:month"],
            ["invoiced_amount:sum_currency"],
        )
        found = dict(rows)
        months = [first + relativedelta(months=step) for step in range(GRAPH_MONTHS)]
        return {month: found.get(month, 0) for month in months}

    # ------------------------------------------------------------ pending work
    @api.model
    def _domain_due_ids(self):
        return [
            ("acting_user_ids", "in", self.env.uid),
            ("state", "in", ("candidate", "key")),
            ("contact_reason", "in", ("overdue", "planned", "never")),
        ]

    @api.model
    def _domain_lead_ids(self):
        """Return the domain of deals that need a step.

        Their step is due or missing, or their closing date has passed.
        """
        today = fields.Date.context_today(self)
        return [
            ("type", "=", "opportunity"),
            ("won_status", "=", "pending"),
            ("key_account_id", "!=", False),
            "|",
            ("user_id", "=", self.env.uid),
            ("key_account_id.acting_user_ids", "in", self.env.uid),
            "|",
            "|",
            ("activity_ids", "=", False),
            ("activity_date_deadline", "<=", today),
            ("date_deadline", "<", today),
        ]

    @api.model
    def _domain_document_ids(self):
        return [
            ("state", "=", "returned"),
            "|",
            ("author_id", "=", self.env.uid),
            ("key_account_id.acting_user_ids", "in", self.env.uid),
        ]

    @api.model
    def _domain_commitment_ids(self):
        until = fields.Date.context_today(self) + timedelta(days=AHEAD_DAYS)
        return [
            ("state", "=", "open"),
            ("promised_date", "<=", until),
            ("key_account_id.acting_user_ids", "in", self.env.uid),
        ]

    @api.model
    def _domain_goal_ids(self):
        today = fields.Date.context_today(self)
        return [
            ("user_id", "=", self.env.uid),
            ("season_id.date_start", "<=", today),
            ("season_id.date_end", ">=", today),
        ]

    @api.model
    def _domain_mentorship_ids(self):
        today = fields.Date.context_today(self)
        return [
            ("mentor_id", "=", self.env.uid),
            ("date_from", "<=", today),
            "|",
            ("date_to", "=", False),
            ("date_to", ">=", today),
        ]

    # ------------------------------------------------------------ actions
    @api.model
    def action_open(self):
        """Open the current user's own page. It is created the first time.

        :return: the action that shows it
        """
        self.env["res.users"]._nka_check_acknowledged()
        days = self.sudo()
        day = days.search([("user_id", "=", self.env.uid)])
        day = day or days.create({"user_id": self.env.uid})
        return open_page(
            self.env, "nka_day_action", "nka_day_action_open", res_id=day.id
        )

    def action_open_due(self):
        """Open all accounts with a contact due."""
        return self._open_section("nka_key_account_action_contact", "due_ids")

    def action_open_leads(self):
        """Open all deals that require action by the current user."""
        return self._open_section("crm_lead_action_vip", "lead_ids")

    def action_open_documents(self):
        """Open all documents returned by a supervisor."""
        return self._open_section("nka_document_action", "document_ids")

    def action_open_commitments(self):
        """Open all overdue commitments and those due within the coming week."""
        return self._open_section("nka_commitment_action", "commitment_ids")

    def action_open_goals(self):
        """Open the current user's goals, measured as of now."""
        return self.env["nka.season.goal"].action_open_mine()

    def action_open_history(self):
        """Open the sales history behind the graph."""
        mine = [("key_account_id.manager_id", "=", self.env.uid)]
        return {**self.env["nka.sales.history"]._action_open(), "domain": mine}

    @api.model
    def _open_section(self, action, fname):
        domain = getattr(self, f"_domain_{fname}")()
        return open_action(self.env, action, domain=domain, context={})
