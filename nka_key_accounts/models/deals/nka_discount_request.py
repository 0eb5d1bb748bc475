from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)
REVIEW = "nka_key_accounts.mail_activity_type_review_discount"


class DiscountRequest(models.Model):
    """A discount beyond the tier's limit, asked for and decided on.

    An approval is for what was asked: the percentage and the money given away. A
    quotation that gives more of either needs another one.
    """

    _name = "nka.discount.request"
    _description = "Discount request"
    _inherit = [
        "nka.state.mixin",
        "nka.read.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "id desc"
    _rec_name = "order_id"
    _check_company_auto = True
    _mail_post_access = "read"

    _content_fields = (
        "order_id",
        "discount",
        "discount_limit",
        "given_amount",
        "reason",
        "asked_by_id",
    )
    # Only :meth:`_ask` makes requests: it takes the figures off the quotation.
    _guarded_fields = (
        "state",
        "order_id",
        "key_account_id",
        "reason",
        "discount",
        "discount_limit",
        "given_amount",
        "asked_by_id",
        "reviewer_id",
        "date_decided",
    )
    _audit_creation = True
    # It goes with its quotation.
    _removable_states = ("approved", "refused")
    _reason_actions = {"action_refuse": _lt("Reject the discount")}

    order_id = fields.Many2one(
        "sale.order", "Quotation", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        related="order_id.partner_id", related_sudo=True, string="Client"
    )
    lead_id = fields.Many2one(
        related="order_id.opportunity_id", related_sudo=True, store=True, string="Deal"
    )
    key_account_id = fields.Many2one(
        "nka.key.account", "Key account", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="key_account_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="order_id.currency_id", related_sudo=True)
    amount_untaxed = fields.Monetary(
        related="order_id.amount_untaxed",
        related_sudo=True,
        string="Untaxed amount",
    )
    reason = fields.Text("Reason", required=True)
    discount = fields.Float("Discount (%)", readonly=True, digits=(5, 2))
    discount_limit = fields.Float("Limit (%)", readonly=True, digits=(5, 2))
    given_amount = fields.Monetary(
        "Discount value",
        readonly=True,
        help=("List price minus the price the client pays."),
    )
    asked_by_id = fields.Many2one("res.users", "Requested by", readonly=True)
    reviewer_id = fields.Many2one("res.users", "Decided by", readonly=True)
    date_decided = fields.Date("Decided on", readonly=True)
    state = fields.Selection(
        [("asked", "Requested"), ("approved", "Approved"), ("refused", "Rejected")],
        default="asked",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        group_expand=True,
    )

    # ------------------------------------------------------------ actions
    def action_approve(self):
        """Approve as a supervisor who had no hand in the quotation.

        :raise UserError: when the quotation gives more by now than was asked for
        """
        self._check_supervisor()
        self._check_state("asked")
        self._check_not_maker()
        self._check_still_covers()
        self._decide("approved")
        return True

    def action_refuse(self, reason=None):
        """Turn it down; without a reason the question for it opens."""
        self._check_supervisor()
        self._check_state("asked")
        if not reason:
            return self._ask_reason("action_refuse")
        self._decide("refused", note=reason)
        for request in self:
            request.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=request.asked_by_id.id,
                summary=self.env._("Discount rejected: %s", reason),
            )
        return True

    # ------------------------------------------------------------ asking
    @api.model
    def _ask(self, order, account, reason):
        """Ask a supervisor for the discount of a quotation, as it is now.

        :rtype: nka.discount.request
        """
        waiting = self.sudo().search(
            [("order_id", "=", order.id), ("state", "=", "asked")]
        )
        waiting._supersede()
        facts = order._nka_discount_facts()
        request = (
            self.sudo()
            ._unlocked()
            .create(
                {
                    "order_id": order.id,
                    "key_account_id": account.id,
                    "reason": reason,
                    "discount": facts.discount,
                    "discount_limit": facts.limit,
                    "given_amount": facts.given,
                    "asked_by_id": self.env.uid,
                }
            )
        )
        reviewer = account._reviewer(request._makers())
        if reviewer:
            request.activity_schedule(REVIEW, user_id=reviewer.id)
        return request

    def _supersede(self):
        """A request that is asked again with other figures is off the table."""
        if self:
            self._move_to("refused", note=self.env._("Requested again"))
            self.activity_unlink([REVIEW])

    def _creation_note(self):
        """What is asked for and why, in one line."""
        return self.env._(
            "Discount %(discount)s %%, limit %(limit)s %%, discount value %(given)s. "
            "%(reason)s",
            discount=round(self.discount, 2),
            limit=round(self.discount_limit, 2),
            given=self.given_amount,
            reason=self.reason,
        )

    # ------------------------------------------------------------ deciding
    def _decide(self, state, note=False):
        today = fields.Date.context_today(self)
        for request in self:
            request._move_to(
                state,
                note=note or request._creation_note(),
                reviewer_id=self.env.uid,
                date_decided=today,
            )
        self.sudo().activity_feedback([REVIEW])
        self.sudo().order_id.invalidate_recordset(["nka_discount_state"])

    def _makers(self):
        """Who asked, who made or owns the quotation or its deal, who wrote its lines, and
        who is paid for what the account buys.
        """
        return (
            super()._makers()
            | self.asked_by_id
            | self._makers_of(self.order_id)
            | self.env["nka.assignment"]._owners(self.key_account_id, self.lead_id)
        )

    @api.model
    def _makers_of(self, order):
        """Who had a hand in a quotation."""
        lines = order.order_line
        return order.create_uid | order.user_id | lines.create_uid | lines.write_uid

    def _check_still_covers(self):
        for request in self.sudo():
            if not request._covers(request.order_id._nka_discount_facts()):
                raise UserError(
                    self.env._(
                        "The discount on %s is now higher than requested. Submit a "
                        "new request.",
                        request.order_id.name,
                    )
                )

    def _covers(self, facts):
        """Whether the request is for as much as the quotation gives, or more."""
        currency = self.currency_id
        return (
            round(facts.discount, 2) <= round(self.discount, 2)
            and currency.compare_amounts(facts.given, self.given_amount) <= 0
        )
