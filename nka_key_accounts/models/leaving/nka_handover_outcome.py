from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import LazyTranslate, format_date

from ..facts import sales
from ..trail.opening import open_action, open_list
from . import outcome

_lt = LazyTranslate(__name__)

DAY = relativedelta(days=1)
#: Parts of the revenue since the handover.
PARTS = {
    "revenue_earlier": _lt("Invoiced for earlier orders"),
    "revenue_new": _lt("Invoiced for new orders"),
    "revenue_other": _lt("Invoiced without an order"),
}
#: Titles of the records of each kind of contact, and their models.
KINDS = {
    "meeting": _lt("Meetings"),
    "call": _lt("Calls"),
    "mail": _lt("Emails"),
    "order": _lt("Orders"),
    "document": _lt("Documents"),
}
MODELS = {
    "meeting": "calendar.event",
    "call": "mail.message",
    "mail": "mail.message",
    "order": "sale.order",
    "document": "nka.document",
}


class HandoverOutcome(models.Model):
    """What became of a client after a handover, beside the year before it.

    Read only: each figure is read anew from invoices, orders, recorded contact and
    health scores. Never affects pay.
    """

    _name = "nka.handover.outcome"
    _description = "Handover outcome"
    _inherit = ["nka.read.mixin"]
    _auto = False
    _order = "date desc, revenue_before desc, id"
    _rec_name = "key_account_id"
    # Fields to flush before the query reads them.
    _depends = {
        "account.move": [
            "amount_untaxed_signed",
            "commercial_partner_id",
            "company_id",
            "invoice_date",
            "move_type",
            "partner_id",
            "state",
        ],
        "account.move.line": ["balance", "display_type", "move_id", "sale_line_ids"],
        "calendar.attendee": ["event_id", "partner_id", "state"],
        "calendar.event": ["active", "partner_ids", "start", "stop", "user_id"],
        "mail.message": ["author_id", "date", "message_type", "model", "res_id"],
        "nka.document": ["key_account_id", "state", "submit_date"],
        "nka.handover": [
            "date",
            "from_user_id",
            "key_account_ids",
            "scope",
            "state",
            "to_user_id",
        ],
        "nka.health.history": ["date", "health", "key_account_id"],
        "nka.key.account": [
            "company_id",
            "manager_id",
            "partner_id",
            "supervisor_id",
        ],
        "sale.order": ["company_id", "date_order", "partner_id", "state", "user_id"],
        "sale.order.line": ["display_type", "order_id", "price_subtotal"],
    }

    handover_id = fields.Many2one("nka.handover", readonly=True)
    key_account_id = fields.Many2one("nka.key.account", "Key account", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    supervisor_id = fields.Many2one("res.users", readonly=True)
    manager_id = fields.Many2one("res.users", "Key account manager", readonly=True)
    from_user_id = fields.Many2one("res.users", "Outgoing manager", readonly=True)
    to_user_id = fields.Many2one("res.users", "Incoming manager", readonly=True)
    date = fields.Date(
        "Effective date", readonly=True, help="First day of the incoming manager."
    )
    date_since = fields.Date("First day of the year before", readonly=True)
    date_same = fields.Date("Last of the same days a year earlier", readonly=True)
    date_until = fields.Date("Last day counted", readonly=True)
    date_next = fields.Date("Handed over again on", readonly=True)
    months = fields.Integer("Months over", readonly=True, aggregator="min")
    is_complete = fields.Boolean("Twelve months are over", readonly=True)
    period = fields.Char(compute="_compute_period")
    explanation = fields.Text("How to read it", compute="_compute_explanation")

    # ------------------------------------------------------------ money
    revenue_before = fields.Monetary("Revenue before", readonly=True, aggregator="sum")
    revenue_same = fields.Monetary(
        "Revenue, same days a year earlier", readonly=True, aggregator="sum"
    )
    revenue_after = fields.Monetary("Revenue since", readonly=True, aggregator="sum")
    revenue_change = fields.Monetary(
        "Change in revenue",
        readonly=True,
        aggregator="sum",
        help="Revenue since the handover less that of the same days a year earlier.",
    )
    revenue_earlier = fields.Monetary(
        "From earlier orders",
        readonly=True,
        aggregator="sum",
        help="Part of the revenue since: invoiced for orders from before the handover.",
    )
    revenue_new = fields.Monetary(
        "From new orders",
        readonly=True,
        aggregator="sum",
        help="Part of the revenue since: invoiced for orders confirmed after the "
        "handover.",
    )
    revenue_other = fields.Monetary(
        "Without an order",
        compute="_compute_revenue_other",
        help="Part of the revenue since: invoiced without an order of the client.",
    )
    ordered_before = fields.Monetary("Orders before", readonly=True, aggregator="sum")
    ordered_same = fields.Monetary(
        "Orders, same days a year earlier", readonly=True, aggregator="sum"
    )
    ordered_after = fields.Monetary("Orders since", readonly=True, aggregator="sum")
    ordered_change = fields.Monetary(
        "Change in orders", readonly=True, aggregator="sum"
    )

    # ------------------------------------------------------------ health and contact
    health_before = fields.Float(
        "Health before",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Average health score of the days whose score is known.",
    )
    health_after = fields.Float(
        "Health since", readonly=True, digits=(16, 1), aggregator="avg"
    )
    health_change = fields.Float(
        "Change in health", readonly=True, digits=(16, 1), aggregator="avg"
    )
    has_health_before = fields.Boolean("Health before is known", readonly=True)
    has_health_after = fields.Boolean("Health since is known", readonly=True)
    contact_days_before = fields.Integer(
        "Days with contact before", readonly=True, aggregator="sum"
    )
    contact_days_same = fields.Integer(
        "Days with contact, same days a year earlier", readonly=True, aggregator="sum"
    )
    contact_days_after = fields.Integer(
        "Days with contact since", readonly=True, aggregator="sum"
    )
    contact_days_change = fields.Integer(
        "Change in days with contact", readonly=True, aggregator="sum"
    )
    client_people_before = fields.Integer(
        "Contacts of the client reached before", readonly=True, aggregator="sum"
    )
    client_people_same = fields.Integer(
        "Contacts reached, same days a year earlier", readonly=True, aggregator="sum"
    )
    client_people_after = fields.Integer(
        "Contacts of the client reached since", readonly=True, aggregator="sum"
    )
    client_people_change = fields.Integer(
        "Change in contacts reached", readonly=True, aggregator="sum"
    )
    our_people_before = fields.Integer(
        "Our people in touch before", readonly=True, aggregator=None
    )
    our_people_same = fields.Integer(
        "Our people in touch, same days a year earlier", readonly=True, aggregator=None
    )
    our_people_after = fields.Integer(
        "Our people in touch since", readonly=True, aggregator=None
    )
    our_people_change = fields.Integer(
        "Change in our people in touch", readonly=True, aggregator=None
    )
    meeting_days_before = fields.Integer("Days with meetings before", readonly=True)
    meeting_days_after = fields.Integer("Days with meetings since", readonly=True)
    call_days_before = fields.Integer("Days with calls before", readonly=True)
    call_days_after = fields.Integer("Days with calls since", readonly=True)
    mail_days_before = fields.Integer("Days with emails before", readonly=True)
    mail_days_after = fields.Integer("Days with emails since", readonly=True)
    order_days_before = fields.Integer("Days with orders before", readonly=True)
    order_days_after = fields.Integer("Days with orders since", readonly=True)
    document_days_before = fields.Integer(
        "Days with approved documents before", readonly=True
    )
    document_days_after = fields.Integer(
        "Days with approved documents since", readonly=True
    )

    @property
    def _table_query(self):
        return outcome.rows_sql(self.env["nka.key.account"], fields.Datetime.now())

    # ------------------------------------------------------------ compute
    @api.depends("months")
    @api.depends_context("lang")
    def _compute_period(self):
        for row in self:
            row.period = self.env._(
                "%(over)s of %(all)s months", over=row.months, all=outcome.MONTHS
            )

    @api.depends("revenue_after", "revenue_earlier", "revenue_new")
    def _compute_revenue_other(self):
        for row in self:
            row.revenue_other = row.currency_id.round(
                row.revenue_after - row.revenue_earlier - row.revenue_new
            )

    @api.depends_context("lang")
    def _compute_explanation(self):
        for row in self:
            row.explanation = "\n".join(row._explain())

    def _explain(self):
        """Yield what the figures are compared with, and why some are zero."""
        yield self._explain_period()
        if self.date_next:
            yield self.env._(
                "The account was handed over again on %s. What came after that is "
                "included.",
                self._day(self.date_next),
            )
        if not self.revenue_after:
            yield self._explain_no_revenue()
        if not self.ordered_after:
            yield self.env._(
                "New orders are zero, because no order was confirmed since the handover."
            )
        if not self.contact_days_after:
            yield self.env._(
                "Contact is zero, because no meeting, email, call, order or approved "
                "document was recorded since the handover."
            )
        if not self.has_health_before:
            yield self.env._(
                "There is no health score from before, because none of those days was "
                "recorded. Scores are recorded from the day the client became a key "
                "account, and kept for 800 days."
            )

    def _explain_period(self):
        if self.is_complete:
            return self.env._(
                "Twelve months are over. They are compared with the twelve months "
                "before %s.",
                self._day(self.date),
            )
        return self.env._(
            "%(period)s are over, so what is known until %(until)s is compared with the "
            "same days a year earlier: %(first)s to %(last)s.",
            period=self.period,
            until=self._day(self.date_until),
            first=self._day(self.date_since),
            last=self._day(self.date_same),
        )

    def _explain_no_revenue(self):
        if self.ordered_after:
            return self.env._(
                "Revenue is zero, because no invoice was posted since the handover. "
                "The new orders haven't been invoiced."
            )
        return self.env._(
            "Revenue is zero, because no invoice was posted since the handover."
        )

    def _day(self, day):
        return format_date(self.env, day)

    # ------------------------------------------------------------ empty list
    @api.model
    def get_empty_list_help(self, help_message):
        """Say why there is nothing to see, for the user who looks."""
        reason = self._explain_empty()
        return help_message + Markup("<p>%s</p>") % reason if reason else help_message

    def _explain_empty(self):
        """Return why the user reads no outcome, or nothing if a filter hides them."""
        if not self.has_access("read") or self.search_count([], limit=1):
            return ""
        handovers = self.env["nka.handover"]
        if not handovers.has_access("read"):
            return ""
        moved = [("scope", "=", "account")]
        waiting = handovers.search_count(
            [*moved, ("state", "in", ("submitted", "approved"))]
        )
        if waiting:
            return self.env._(
                "Handovers submitted or approved that haven't taken effect yet: %s",
                waiting,
            )
        if handovers.search_count([*moved, ("state", "=", "done")], limit=1):
            return self.env._(
                "Handovers have taken effect, but of accounts that are followed by "
                "another supervisor or manager."
            )
        return self.env._("No handover has been proposed so far.")

    # ------------------------------------------------------------ actions
    @api.model
    def _action_open(self, domain, name):
        return open_action(
            self.env,
            "nka_handover_outcome_action",
            name=self.env._("Handover outcome: %s", name),
            domain=domain,
            context={},
        )

    def action_open_account(self):
        """Open the key account."""
        self.ensure_one()
        return self.key_account_id.get_formview_action()

    def action_open_handover(self):
        """Open the handover."""
        self.ensure_one()
        return self.handover_id.get_formview_action()

    def action_open_figure(self):
        """Open the records behind a figure; the user sees those they can read.

        The button names the figure in the context. Anything else opens the account.

        :return: window action
        """
        self.ensure_one()
        self.check_access("read")
        asked = self.env.context.get("nka_figure") or ""
        figure, _separator, period = asked.rpartition("_")
        opener = getattr(self, f"_open_{figure}", None)
        if asked in self._fields and period in outcome.PERIODS and opener:
            return opener(period)
        if asked in PARTS:
            return self._open_lines(asked)
        kind = figure.removesuffix("_days")
        if kind in KINDS and period in outcome.PERIODS:
            return self._open_contact(kind, period)
        return self.action_open_account()

    def _bounds(self, period):
        """Return first and last day of a period; the first one is exclusive."""
        return {
            "before": (self.date_since - DAY, self.date - DAY),
            "same": (self.date_since - DAY, self.date_same),
            "after": (self.date - DAY, self.date_until),
        }[period]

    def _open_revenue(self, period):
        domain = sales.domain_revenue(self.key_account_id, *self._bounds(period))
        return self._open("account.move", domain, _lt("Invoices"))

    def _open_ordered(self, period):
        [[ids]] = self._query(outcome.order_ids_sql(self, period, self._now()))
        return self._open("sale.order", [("id", "in", ids or [])], _lt("Orders"))

    def _open_health(self, period):
        since, until = self._bounds(period)
        domain = [
            ("key_account_id", "=", self.key_account_id.id),
            ("date", ">", since),
            ("date", "<=", until),
        ]
        return self._open(
            "nka.health.history", domain, _lt("Health score"), "graph,list"
        )

    def _open_lines(self, part):
        """Open the invoice lines of a part of the revenue since the handover."""
        [[earlier, new]] = self._query(outcome.line_ids_sql(self, self._now()))
        named = {"revenue_earlier": earlier or [], "revenue_new": new or []}
        if part in named:
            domain = [("id", "in", named[part])]
        else:
            documents = sales.domain_revenue(
                self.key_account_id, *self._bounds("after")
            )
            moves = self.env["account.move"].sudo()._search(documents)
            domain = [
                ("move_id", "in", list(moves)),
                ("display_type", "in", ("product", "rounding")),
                ("tax_repartition_line_id", "=", False),
                ("id", "not in", [*named["revenue_earlier"], *named["revenue_new"]]),
            ]
        return self._open("account.move.line", domain, PARTS[part], "list")

    def _open_contact(self, kind, period):
        ids = self._query(outcome.contact_ids_sql(self, kind, period, self._now()))
        domain = [("id", "in", [one for (one,) in ids])]
        return self._open(MODELS[kind], domain, KINDS[kind])

    def _open(self, model, domain, name, modes="list,form"):
        self.env[model].check_access("read")
        title = f"{self.env._(name)}: {self.key_account_id.display_name}"
        return open_list(
            self.env,
            model,
            domain,
            title,
            view_mode=modes,
            context={"create": False},
        )

    def _query(self, query):
        self.env.flush_all()
        return self.env.execute_query(query)

    def _now(self):
        return fields.Datetime.now()
