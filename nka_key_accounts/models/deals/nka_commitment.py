"""Commitments: agreed terms with a due date, a responsible person and an outcome.

Figures from invoices, payments and orders are hints; people decide. Terms of a won
quotation are proposed on request only, so confirming an order costs no extra query.
"""

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, LazyTranslate

from ..trail.roles import SUPERVISOR
from . import commitment_facts

_lt = LazyTranslate(__name__)

UNITS = {
    "price": "amount",
    "volume": "amount",
    "delivery": False,
    "payment": "days",
    "service": False,
}

#: Promised terms; changes to them are logged in the audit trail.
TERMS = ("text", "kind", "promised_by", "promised_value", "promised_date")
DUE_ACTIVITY = "nka_key_accounts.mail_activity_type_commitment_due"
REMEDY_ACTIVITY = "nka_key_accounts.mail_activity_type_commitment_remedy"


class Commitment(models.Model):
    """A term agreed in a deal.

    Terms from a won quotation, or from users who aren't responsible for the account,
    are proposed first and count once they are accepted.
    """

    _name = "nka.commitment"
    _description = "Commitment"
    _inherit = [
        "nka.state.mixin",
        "nka.deal.item.mixin",
        "nka.reminder.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "nka.read.mixin",
    ]
    _order = "promised_date, id"
    _rec_name = "text"
    _check_company_auto = True
    _mail_post_access = "read"
    _guarded_fields = ("state", "manager_id", "closed_date", "reason", "remedied_date")
    _audit_kinds = {
        "commitment_terms": _lt("Commitment terms"),
        "remedy": _lt("Remedy"),
    }
    _audit_own_creation = True
    _removable_states = ("proposed",)
    _reason_actions = {
        "action_breach": _lt("Why wasn't this commitment kept?"),
        "action_waive": _lt("Waive the commitment"),
    }

    text = fields.Char("What was promised", required=True, tracking=True)
    kind = fields.Selection(
        [
            ("price", "Price"),
            ("volume", "Volume"),
            ("delivery", "Delivery"),
            ("payment", "Payment"),
            ("service", "Service"),
        ],
        "Type",
        required=True,
        default="service",
        index=True,
    )
    promised_by = fields.Selection(
        [("us", "Us"), ("client", "The client")],
        "Promised by",
        compute="_compute_promised_by",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Set from the type: the client promises volume and payment.",
    )
    key_account_id = fields.Many2one(
        "nka.key.account",
        "Key account",
        compute="_compute_key_account_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    lead_id = fields.Many2one(
        "crm.lead",
        "Deal",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('key_account_id', '=', key_account_id)]",
    )
    company_id = fields.Many2one(
        related="key_account_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(related="key_account_id.partner_id", store=True)
    manager_id = fields.Many2one(
        "res.users",
        "Responsible",
        compute="_compute_manager_id",
        store=True,
        index=True,
        help="The account's manager; once closed, the manager on the closing date.",
    )
    order_id = fields.Many2one(
        "sale.order",
        "Quotation",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        help="The confirmed quotation that contains this term.",
    )
    product_id = fields.Many2one("product.product", ondelete="restrict")
    value_unit = fields.Selection(
        [("amount", "Amount"), ("quantity", "Quantity"), ("days", "Days")],
        "Unit",
        compute="_compute_value_unit",
        store=True,
        readonly=False,
    )
    date_agreed = fields.Date(
        "Agreed on", default=fields.Date.context_today, required=True
    )
    promised_value = fields.Float("Promised", digits="Product Price")
    promised_date = fields.Date("Due date", index=True, tracking=True)
    actual_value = fields.Float("Actual", digits="Product Price", copy=False)
    actual_date = fields.Date("Done on", copy=False)
    delay_days = fields.Integer(
        "Delay (days)",
        compute="_compute_delay_days",
        store=True,
        aggregator="avg",
        help="Days between the due date and completion; 0 if completed early.",
    )
    state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("open", "Open"),
            ("kept", "Kept"),
            ("breached", "Breached"),
            ("waived", "Waived"),
        ],
        default="open",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    closed_date = fields.Date("Closed on", readonly=True, copy=False)
    reason = fields.Text(readonly=True, copy=False)
    remedy = fields.Text(
        copy=False, tracking=True, help="How the breach will be remedied, as agreed."
    )
    remedy_date = fields.Date("Remedy due", copy=False)
    remedied_date = fields.Date("Remedied on", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    kept_rate = fields.Float(
        "Kept (%)",
        compute="_compute_kept_rate",
        aggregator="avg",
        digits=(5, 1),
        help="Share of kept commitments in all commitments kept or breached.",
    )
    description = fields.Html("Details")

    fact_value = fields.Float(
        "Value in accounting",
        compute="_compute_facts",
        compute_sudo=True,
        digits="Product Price",
    )
    fact_verdict = fields.Selection(
        [("met", "On track"), ("running", "Under way"), ("broken", "Not on track")],
        "Accounting status",
        compute="_compute_facts",
        compute_sudo=True,
        help="Compared with posted invoices, their payments and the order. Empty if "
        "there is nothing to compare yet.",
    )
    fact_note = fields.Char(
        "Basis of the value", compute="_compute_facts", compute_sudo=True
    )

    _open_due_idx = models.Index("(promised_date) WHERE state = 'open'")

    # ------------------------------------------------------------ compute
    @api.depends("kind")
    def _compute_promised_by(self):
        for commitment in self:
            client = commitment.kind in ("volume", "payment")
            commitment.promised_by = "client" if client else "us"

    @api.depends("kind")
    def _compute_value_unit(self):
        for commitment in self:
            commitment.value_unit = UNITS.get(commitment.kind)

    @api.depends("key_account_id.manager_id")
    def _compute_manager_id(self):
        """Follow the account's manager while open; keep the manager once closed."""
        for commitment in self.sudo():
            if commitment.state in ("proposed", "open") or not commitment.manager_id:
                commitment.manager_id = commitment.key_account_id.manager_id
            else:
                commitment.manager_id = commitment.manager_id

    @api.depends("promised_date", "actual_date")
    def _compute_delay_days(self):
        for commitment in self:
            due, done = commitment.promised_date, commitment.actual_date
            commitment.delay_days = max((done - due).days, 0) if due and done else 0

    @api.depends("state", "promised_date")
    @api.depends_context("tz")
    def _compute_is_overdue(self):
        overdue = self.filtered_domain(self._domain_overdue())
        for commitment in self:
            commitment.is_overdue = commitment in overdue

    def _search_is_overdue(self, operator, value):
        return self._domain_overdue() if operator == "in" else NotImplemented

    @api.model
    def _domain_overdue(self):
        today = fields.Date.context_today(self)
        return fields.Domain("state", "=", "open") & fields.Domain(
            "promised_date", "<", today
        )

    @api.depends("state")
    def _compute_kept_rate(self):
        for commitment in self:
            commitment.kept_rate = 100.0 if commitment.state == "kept" else 0.0

    def _field_to_sql(self, alias, field_expr, query=None):
        """Average the kept rate over kept and breached commitments only."""
        if field_expr == "kept_rate":
            state = super()._field_to_sql(alias, "state", query)
            return SQL(
                "(CASE %s WHEN 'kept' THEN 100.0 WHEN 'breached' THEN 0.0 END)", state
            )
        return super()._field_to_sql(alias, field_expr, query)

    @api.depends(
        "kind", "promised_value", "promised_date", "product_id", "order_id.state"
    )
    @api.depends_context("tz", "lang")
    def _compute_facts(self):
        """Read the figures with one query for each type of commitment."""
        facts = self._read_facts()
        today = fields.Date.context_today(self)
        for commitment in self:
            value, count = facts.get(commitment._origin.id) or (0.0, 0)
            if commitment.order_id.state == "cancel":
                value, count = 0.0, 0
            commitment.fact_value = value
            commitment.fact_verdict = commitment._judge(value, count, today)
            commitment.fact_note = commitment._fact_words(count)

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        commitments = super().create(vals_list)
        # Users not responsible for the account propose; the superuser's imports count.
        if self.env.uid != SUPERUSER_ID:
            drafts = commitments.filtered(lambda item: not item._is_decided_here())
            drafts.sudo()._unlocked().write({"state": "proposed"})
        self.env["nka.audit.event"]._record(
            commitments,
            "state",
            new=lambda item: item.state,
            note=lambda item: item._terms(),
        )
        return commitments

    def write(self, vals):
        if self._is_unlocked(vals) or vals.keys().isdisjoint(TERMS):
            return super().write(vals)
        self._check_terms_editable()
        before = {commitment: commitment._terms() for commitment in self}
        result = super().write(vals)
        self.env["nka.audit.event"]._record(
            self.filtered(
                lambda item: item.state == "open" and item._terms() != before[item]
            ),
            "commitment_terms",
            old=before.get,
            new=lambda item: item._terms(),
        )
        return result

    def _terms(self):
        """Return the promised terms in one line."""
        self.ensure_one()
        return ", ".join(
            str(self[fname]) for fname in TERMS if self[fname] not in (False, None, 0.0)
        )

    def _check_terms_editable(self):
        for commitment in self:
            if commitment.state not in ("proposed", "open"):
                raise UserError(
                    self.env._(
                        "“%s” is closed, so the promised terms can't be changed.",
                        commitment.display_name,
                    )
                )

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        for commitment in self:
            if commitment.state != "proposed":
                raise UserError(
                    self.env._(
                        "“%(commitment)s” was agreed, so it can't be deleted. Close "
                        "it as kept or breached, or ask %(person)s to waive it.",
                        commitment=commitment.display_name,
                        person=commitment._supervisor_name(),
                    )
                )

    # ------------------------------------------------------------ actions
    def action_accept(self):
        """Accept proposed terms, which count from now on.

        :raise AccessError: unless the user is on the account team or a supervisor
        """
        self._check_answers()
        self._check_state("proposed")
        self._move_to("open")
        return True

    def action_keep(self):
        """Close as kept, today unless another completion date was entered."""
        self._check_answers()
        self._check_state("open")
        today = fields.Date.context_today(self)
        for commitment in self:
            commitment._move_to(
                "kept",
                actual_date=commitment.actual_date or today,
                actual_value=commitment.actual_value or commitment.fact_value,
                closed_date=today,
            )
        self._close_activities()
        return True

    def action_breach(self, reason=None):
        """Close as breached, and create an activity to agree on a remedy.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        self._check_answers()
        self._check_state("open")
        if not reason:
            return self._ask_reason("action_breach")
        self._close("breached", reason)
        self._ask_remedies()
        return True

    def action_remedy(self):
        """Record that the agreed remedy was carried out.

        :raise UserError: if no remedy was entered
        """
        self._check_answers()
        self._check_state("breached")
        self._check_remedy()
        self._unlocked().write({"remedied_date": fields.Date.context_today(self)})
        self.env["nka.audit.event"]._record(
            self, "remedy", new=lambda item: item.remedy
        )
        self._close_activities(REMEDY_ACTIVITY)
        return True

    def action_waive(self, reason=None):
        """Waive commitments, as a supervisor other than their creator or manager.

        :param str reason: for the audit trail; a wizard asks for it if missing
        """
        self._check_supervisor()
        self._check_state("open")
        self._check_not_maker()
        if not reason:
            return self._ask_reason("action_waive")
        self._close("waived", reason)
        return True

    def _close(self, state, reason):
        today = fields.Date.context_today(self)
        self._move_to(state, note=reason, reason=reason, closed_date=today)
        self._close_activities()

    # ------------------------------------------------------------ checks
    def _is_decided_here(self):
        """Return whether the user is on the account team or a supervisor."""
        answering = self.sudo().key_account_id.acting_user_ids
        return self.env.user in answering or self.env.user.has_group(SUPERVISOR)

    def _check_answers(self):
        """Check that only the account team or a supervisor accepts and closes these."""
        self.check_access("write")
        for commitment in self:
            if not commitment._is_decided_here():
                raise AccessError(
                    self.env._(
                        "Only the account's manager can change “%(commitment)s”. Ask "
                        "%(manager)s or %(person)s.",
                        commitment=commitment.display_name,
                        manager=commitment.sudo().key_account_id.manager_id.name or "—",
                        person=commitment._supervisor_name(),
                    )
                )

    def _supervisor_name(self):
        reviewer = self.sudo().key_account_id._reviewer(self.sudo().manager_id)
        return reviewer.name or self.env._("a supervisor")

    def _check_remedy(self):
        for commitment in self:
            if not commitment.remedy:
                raise UserError(
                    self.env._(
                        "Enter how “%s” will be remedied first.",
                        commitment.display_name,
                    )
                )

    def _makers(self):
        """Add the responsible manager to the users who can't waive the commitment."""
        return super()._makers() | self.manager_id

    # ------------------------------------------------------------ activities
    def _close_activities(self, kind=DUE_ACTIVITY):
        self.sudo().activity_unlink([kind])

    def _ask_remedies(self):
        """Create an activity for each manager: agree with the client on a remedy."""
        for manager, commitments in self.sudo().grouped("manager_id").items():
            commitments.activity_schedule(
                REMEDY_ACTIVITY, user_id=manager.id or self.env.uid
            )

    @api.model
    def _cron_remind(self):
        """Create an activity for each commitment overdue or contradicted by accounting.

        It goes to the account's manager, else the deputy or a supervisor.
        """
        due = self.search(self._domain_overdue()) | self._search_contradicted()
        due._raise_activities(
            DUE_ACTIVITY,
            {item.id: item.key_account_id._user_to_tell().id for item in due},
        )

    @api.model
    def _search_contradicted(self):
        """Return open commitments that aren't kept according to accounting.

        Without those of which somebody has been told, and those that can't be broken
        before they are overdue (volume). Of payments, only documents old enough to
        have been paid late are read.
        """
        measured = self.search_fetch(
            [("state", "=", "open"), ("kind", "in", ("price", "payment"))],
            ["kind", "order_id", "promised_value", "promised_date"],
        )
        if not measured:
            return measured
        told = measured._waiting_activities(self.env.ref(DUE_ACTIVITY))
        measured = measured.filtered(lambda item: item.id not in told)
        facts = measured._read_facts(may_be_late=True)
        today = fields.Date.context_today(self)
        measured = measured.browse(
            item_id for item_id in measured.ids if item_id in facts
        )
        return measured.filtered(
            lambda item: (
                item.order_id.sudo().state != "cancel"
                and item._judge(*facts[item.id], today) == "broken"
            )
        )

    # ------------------------------------------------------------ terms of a quotation
    @api.model
    def _take_terms(self, lead, orders):
        """Propose the terms of these confirmed orders of a deal as commitments.

        :param lead: the crm.lead of a key account
        :param orders: its sale.order records, as superuser
        :return: the proposed commitments
        """
        vals_list = [
            {
                **vals,
                "lead_id": lead.id,
                "key_account_id": lead.key_account_id.id,
                "order_id": order.id,
                "date_agreed": order.nka_order_day,
            }
            for order in orders
            for vals in order._nka_prepare_terms()
        ]
        commitments = self.create(vals_list)
        agreed = commitments.filtered(lambda item: item.state == "open")
        agreed.sudo()._move_to("proposed")
        return commitments

    # ------------------------------------------------------------ facts
    def _read_facts(self, may_be_late=False):
        """Return each commitment's figure in accounting, and its number of records.

        :param bool may_be_late: exclude payments too new to break the promise
        :rtype: dict[int, tuple[float, int]]
        """
        self.env.flush_all()
        today = fields.Date.context_today(self)
        read = {
            "price": commitment_facts.price_sql,
            "volume": commitment_facts.volume_sql,
            "payment": lambda ids: commitment_facts.payment_sql(
                ids, today, may_be_late
            ),
            "delivery": commitment_facts.delivery_sql,
        }
        facts = {}
        for kind, commitments in self._origin.grouped("kind").items():
            if kind in read:
                rows = self.env.execute_query(read[kind](commitments.ids))
                facts.update({row[0]: (float(row[1] or 0), row[2]) for row in rows})
        return facts

    def _judge(self, value, count, today):
        """Compare the figure with the promise; False if there is nothing to compare."""
        self.ensure_one()
        if not count:
            return False
        if self.kind == "price":
            # The invoice line is rounded to the smallest unit of the currency.
            over = value > self.promised_value + self.currency_id.rounding / 2
            return "broken" if over else "met"
        if self.kind == "payment":
            return "broken" if value > self.promised_value else "met"
        goal = 100.0 if self.kind == "delivery" else self.promised_value
        if value >= goal:
            return "met"
        late = self.promised_date and self.promised_date < today
        return "broken" if late else "running"

    def _fact_words(self, count):
        if self.order_id.state == "cancel":
            return self.env._(
                "%s was cancelled, so it isn't compared with accounting",
                self.order_id.name,
            )
        if not count:
            return False
        if self.kind == "delivery":
            return self.env._("Delivered share of the ordered quantity (%)")
        words = {
            "price": self.env._("Highest price (invoice lines: %s)", count),
            "volume": self.env._("Total (invoices and credit notes: %s)", count),
            "payment": self.env._("Slowest payment, in days (invoices: %s)", count),
        }
        return words.get(self.kind)
