from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, LazyTranslate

from ..trail.roles import SUPERVISOR

_lt = LazyTranslate(__name__)

UNITS = {
    "price": "amount",
    "volume": "amount",
    "delivery": False,
    "payment": "days",
    "service": False,
}
#: What was promised; changing it later is kept in the trail.
TERMS = ("text", "kind", "promised_by", "promised_value", "promised_date")


class Commitment(models.Model):
    """A term agreed in a deal: what, by when, who answers, and what came of it.

    Proposed ones come from a won quotation or a deputy and count for nothing until
    the manager of the account accepts them. What the books say about one is told in
    ``nka_commitment_facts``, where it comes from in ``nka_commitment_terms``.
    """

    _name = "nka.commitment"
    _description = "Commitment"
    _inherit = [
        "nka.state.mixin",
        "nka.account.item.mixin",
        "nka.reminder.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "promised_date, id"
    _rec_name = "text"
    _check_company_auto = True
    _mail_post_access = "read"

    _guarded_fields = (
        "state",
        "manager_id",
        "closed_date",
        "reason",
        "remedied_date",
    )
    _reason_actions = {
        "action_breach": _lt("Why wasn't it kept?"),
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
        required=True,
        default="service",
        index=True,
    )
    promised_by = fields.Selection(
        [("us", "Us"), ("client", "The client")],
        compute="_compute_promised_by",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Filled in from the kind: volume and payment are the client's.",
    )
    key_account_id = fields.Many2one(
        "nka.key.account",
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
        "Answers for it",
        compute="_compute_manager_id",
        store=True,
        index=True,
        help="The account's manager; once it is closed, the one of that day.",
    )
    order_id = fields.Many2one(
        "sale.order",
        "Quotation",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        check_company=True,
        help="The won quotation the term stands in.",
    )
    product_id = fields.Many2one("product.product", ondelete="restrict")
    value_unit = fields.Selection(
        [("amount", "Amount"), ("quantity", "Quantity"), ("days", "Days")],
        compute="_compute_value_unit",
        store=True,
        readonly=False,
    )
    date_agreed = fields.Date(
        "Agreed on", default=fields.Date.context_today, required=True
    )
    promised_value = fields.Float("Promised", digits="Product Price")
    promised_date = fields.Date("Due", index=True, tracking=True)
    actual_value = fields.Float("Actual", digits="Product Price", copy=False)
    actual_date = fields.Date("Done on", copy=False)
    delay_days = fields.Integer(
        "Delay (days)",
        compute="_compute_delay_days",
        store=True,
        aggregator="avg",
        help="Days from the day due to the day done; early ones count as 0.",
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
    reason = fields.Text("Why", readonly=True, copy=False)
    remedy = fields.Text(
        copy=False, tracking=True, help="What makes up for a breach, agreed with whom."
    )
    remedy_date = fields.Date("Remedy due", copy=False)
    remedied_date = fields.Date("Remedied on", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        compute="_compute_is_overdue", search="_search_is_overdue"
    )
    kept_rate = fields.Float(
        "Kept (%)",
        compute="_compute_kept_rate",
        aggregator="avg",
        digits=(5, 1),
        help="Kept ones as part of those kept or breached.",
    )
    description = fields.Html("Details")

    _open_due_idx = models.Index("(promised_date) WHERE state = 'open'")

    # ------------------------------------------------------------ compute
    @api.depends("lead_id")
    def _compute_key_account_id(self):
        for commitment in self:
            account = commitment.sudo().lead_id.key_account_id
            commitment.key_account_id = account or commitment.key_account_id

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
        """Open ones follow the account; closed ones stay with who closed them."""
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
        """Let the kept rate be averaged though open and waived ones have none."""
        if field_expr == "kept_rate":
            state = super()._field_to_sql(alias, "state", query)
            return SQL(
                "(CASE %s WHEN 'kept' THEN 100.0 WHEN 'breached' THEN 0.0 END)", state
            )
        return super()._field_to_sql(alias, field_expr, query)

    # ------------------------------------------------------------ checks
    @api.constrains("lead_id", "key_account_id")
    def _check_lead_of_account(self):
        for commitment in self.sudo().filtered("lead_id"):
            if commitment.lead_id.key_account_id != commitment.key_account_id:
                raise ValidationError(
                    self.env._(
                        "The deal “%(deal)s” belongs to another account than "
                        "%(account)s.",
                        deal=commitment.lead_id.display_name,
                        account=commitment.key_account_id.display_name,
                    )
                )

    @api.model
    def _decides_on(self, account):
        """Whether the acting person answers for the account or supervises it."""
        answers = self.env.user in account.sudo().acting_user_ids
        return answers or self.env.user.has_group(SUPERVISOR)

    @api.model
    def _enters_agreed(self, account):
        """Whether what this person writes down counts at once; imports do, too."""
        system = self.env.uid == SUPERUSER_ID
        return system or self._decides_on(account)

    def _check_answers(self):
        """Only who answers for the account accepts and closes its commitments."""
        self.check_access("write")
        for commitment in self:
            if not self._decides_on(commitment.key_account_id):
                raise AccessError(
                    self.env._(
                        "The account's manager answers for “%s”. Ask him or your "
                        "supervisor; nothing was changed.",
                        commitment.display_name,
                    )
                )

    def _check_terms_editable(self):
        for commitment in self:
            if commitment.state not in ("proposed", "open"):
                raise UserError(
                    self.env._(
                        "“%s” is closed, so what was promised stays as it was.",
                        commitment.display_name,
                    )
                )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        commitments = super().create(vals_list)
        drafts = commitments.filtered(
            lambda item: not item._enters_agreed(item.key_account_id)
        )
        drafts._propose()
        commitments._record_creation()
        return commitments

    def write(self, vals):
        if self._is_unlocked(vals) or vals.keys().isdisjoint(TERMS):
            return super().write(vals)
        self._check_terms_editable()
        before = {commitment.id: commitment._terms() for commitment in self}
        result = super().write(vals)
        self._record_terms(before)
        return result

    @api.ondelete(at_uninstall=True)
    def _check_unlink(self):
        for commitment in self:
            if commitment.state != "proposed":
                raise UserError(
                    self.env._(
                        "“%s” was agreed, so it isn't deleted. Close it, or ask your "
                        "supervisor to waive it.",
                        commitment.display_name,
                    )
                )

    # ------------------------------------------------------------ trail
    def _propose(self):
        """Terms of who doesn't answer for the account wait for who does."""
        if self:
            self.sudo()._unlocked().write({"state": "proposed"})

    def _record_creation(self):
        events = self.env["nka.audit.event"]
        events._append(
            [
                events._prepare_entry(item, "state", new=item.state, note=item._terms())
                for item in self
            ]
        )

    def _terms(self):
        """What was promised, in one line."""
        self.ensure_one()
        return ", ".join(
            str(self[fname]) for fname in TERMS if self[fname] not in (False, None, 0.0)
        )

    def _record_terms(self, before):
        events = self.env["nka.audit.event"]
        events._append(
            [
                events._prepare_entry(
                    item, "commitment_terms", old=before[item.id], new=item._terms()
                )
                for item in self
                if item.state == "open" and item._terms() != before[item.id]
            ]
        )
