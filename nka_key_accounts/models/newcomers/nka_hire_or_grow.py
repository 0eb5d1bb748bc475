from odoo import api, fields, models

from ..trail.opening import open_list, open_records
from .hire_or_grow_sql import rows_sql
from .nka_manager_start import STATES, WAYS


class HireOrGrow(models.Model):
    """What became of each person who started as key account manager.

    Read from orders, locked statements, reviews of documents and entered costs. Never
    affects pay. Directors read all people of the company, supervisors their own.
    """

    _name = "nka.hire.or.grow"
    _description = "Hire or grow: people"
    _auto = False
    _order = "way, date_start, id"
    _rec_name = "employee_id"
    # Fields to flush before the query below reads them.
    _depends = {
        "nka.assignment": [
            "date_from",
            "date_to",
            "key_account_id",
            "share",
            "user_id",
        ],
        "nka.document": ["author_id", "company_id"],
        "nka.document.review": ["document_id", "number", "submit_date", "verdict"],
        "nka.key.account": ["company_id", "partner_id", "state"],
        "nka.manager.start": [
            "company_id",
            "date_start",
            "employee_id",
            "state",
            "stopped_on",
            "user_id",
            "way",
        ],
        "nka.manager.start.cost": ["company_amount", "start_id"],
        "nka.pay.agreement": ["date_to", "monthly_quota"],
        "nka.pay.statement": [
            "agreement_id",
            "balance",
            "credit_amount",
            "employee_id",
            "fixed_amount",
            "month",
            "state",
        ],
        "nka.season": ["company_id", "date_end", "date_start"],
        "sale.order": ["company_id", "currency_rate", "partner_id", "state"],
        "sale.order.line": ["order_id", "price_subtotal"],
    }

    start_id = fields.Many2one("nka.manager.start", readonly=True)
    employee_id = fields.Many2one("hr.employee", "Person", readonly=True)
    user_id = fields.Many2one("res.users", "Manager", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    way = fields.Selection(WAYS, "How they came", readonly=True)
    state = fields.Selection(STATES, readonly=True)
    date_start = fields.Date("Start date", readonly=True)
    season_date = fields.Date(
        "First season from",
        readonly=True,
        help="First day of the season with the start date. People who started in the same "
        "season can be compared best.",
    )
    date_end = fields.Date(
        "Three seasons end on",
        readonly=True,
        help="The season with the start date and the two after it; three quarters where "
        "no seasons are recorded.",
    )
    is_complete = fields.Boolean("Three seasons passed", readonly=True)
    person_count = fields.Integer("People", readonly=True, aggregator="sum")
    order_id = fields.Many2one("sale.order", "First own order", readonly=True)
    account_id = fields.Many2one("nka.key.account", "Account of it", readonly=True)
    order_date = fields.Date("Date of the first own order", readonly=True)
    order_days = fields.Integer(
        "Days to the first own order",
        readonly=True,
        aggregator=None,
        help="From the start date to the confirmation of the first order of an account "
        "that they owned on that day.",
    )
    has_order = fields.Integer("With an own order", readonly=True, aggregator="sum")
    months = fields.Integer("Locked months", readonly=True, aggregator="sum")
    # For the record rule.
    is_paid = fields.Boolean("With locked months", readonly=True)
    credits = fields.Monetary(
        readonly=True,
        aggregator="sum",
        help="Sales credits of the locked statements of the first three seasons.",
    )
    quota = fields.Monetary("Quota of these months", readonly=True, aggregator="sum")
    attainment = fields.Float(
        "Quota attainment (%)",
        readonly=True,
        aggregator=None,
        digits=(16, 0),
        help="Credits of the first three seasons, of the quota of the same months.",
    )
    document_count = fields.Integer(
        "Documents decided",
        readonly=True,
        aggregator="sum",
        help="First submissions of documents in the first three seasons.",
    )
    document_passed = fields.Integer(
        "Approved at once", readonly=True, aggregator="sum"
    )
    first_pass_rate = fields.Float(
        "First-pass approval rate (%)",
        readonly=True,
        aggregator=None,
        digits=(16, 0),
        help="Share of documents approved at their first submission.",
    )
    has_stayed = fields.Integer("Still managers", readonly=True, aggregator="sum")
    stopped_on = fields.Date("Stopped on", readonly=True)
    entered_cost = fields.Monetary("Costs entered", readonly=True, aggregator="sum")
    fixed_cost = fields.Monetary(
        "Fixed pay until the first order",
        readonly=True,
        aggregator="sum",
        help="Of the locked statements, including the month of the first own order.",
    )
    draw_cost = fields.Monetary(
        "Draw not recovered",
        readonly=True,
        aggregator="sum",
        help="Draw balance of the last locked statement.",
    )
    cost = fields.Monetary("Total cost", readonly=True, aggregator="sum")
    note = fields.Char("Why nothing is shown", compute="_compute_note")

    @property
    def _table_query(self):
        return rows_sql(fields.Date.context_today(self))

    # ------------------------------------------------------------ compute
    @api.depends("has_order", "months", "quota", "document_count")
    @api.depends_context("lang")
    def _compute_note(self):
        """Say why a figure is empty or zero."""
        for row in self:
            reasons = []
            if not row.sudo().user_id:
                reasons.append(self.env._("No user, so nothing can be theirs."))
            else:
                if not row.has_order:
                    reasons.append(self.env._("No own order yet."))
                if not row.months:
                    reasons.append(self.env._("No locked month in these seasons."))
                elif not row.quota:
                    reasons.append(self.env._("No quota in these months."))
                if not row.document_count:
                    reasons.append(self.env._("No document decided yet."))
            row.note = " ".join(reasons)

    # ------------------------------------------------------------ actions
    def action_open_start(self):
        """Open what the person needed, and the costs entered."""
        self.check_access("read")
        return open_records(self.start_id)

    def action_open_order(self):
        """Open the first own order; its account for users who don't read orders."""
        self.ensure_one()
        self.check_access("read")
        orders = self.env["sale.order"].browse(self.sudo().order_id.ids)
        if orders.has_access("read"):
            return open_records(orders)
        return open_records(self.sudo(False).account_id)

    def action_open_pay(self):
        """Open the months that credits, quota and pay are read from."""
        self.ensure_one()
        self.check_access("read")
        return self._open_months(
            [
                ("user_id", "=", self.user_id.id),
                ("company_id", "=", self.company_id.id),
                ("state", "=", "locked"),
                ("month", ">=", self.date_start.replace(day=1)),
            ]
        )

    def _open_months(self, domain):
        """Hook: open the statements; a later room has totals for directors."""
        return open_list(
            self.env, "nka.pay.statement", domain, self.env._("Compensation statements")
        )

    def action_open_documents(self):
        """Open the first submissions that were decided in the three seasons."""
        self.ensure_one()
        self.check_access("read")
        return open_list(
            self.env,
            "nka.document.quality",
            [
                ("manager_id", "=", self.user_id.id),
                ("company_id", "=", self.company_id.id),
                ("first_pass_rate", "!=", False),
                ("submit_date", ">=", self.date_start),
                ("submit_date", "<", fields.Date.add(self.date_end, days=1)),
            ],
            self.env._("Documents"),
            view_mode="list",
        )

    def action_open_costs(self):
        """Open the costs entered for the person."""
        self.ensure_one()
        self.check_access("read")
        return open_list(
            self.env,
            "nka.manager.start.cost",
            [("start_id", "=", self.start_id.id)],
            self.env._("Costs"),
            view_mode="list",
            context={"default_start_id": self.start_id.id},
        )
