from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)
REVIEW = "nka_key_accounts.mail_activity_type_review_discount"


class DiscountRequest(models.Model):
    """A request to approve a discount above the limit of the account tier.

    An approval covers the requested percentage and amount. A quotation that exceeds
    either of them needs a new request.
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
    # Only :meth:`_ask` creates requests, with the figures of the quotation.
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
    # Deleted together with the quotation.
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
    reason = fields.Text(required=True)
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
        """Approve, as a supervisor without a part in the quotation.

        :raise AccessError: for other users
        :raise UserError: if the quotation now gives more than was requested
        """
        self._check_supervisor()
        self._check_state("asked")
        self._check_not_maker()
        self._check_still_covers()
        self._decide("approved")
        return True

    def action_refuse(self, reason=None):
        """Reject the discount and create a to-do for the requester.

        Without ``reason``, return the action of the reason wizard.

        :param str reason: why, shown to the requester
        :raise AccessError: unless a supervisor rejects
        """
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
        """Request a supervisor's approval for the current discount of a quotation.

        Pending requests for the quotation are closed.

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
        """Close pending requests that a new one with other figures replaces."""
        if self:
            self._move_to("refused", note=self.env._("Requested again"))
            self.activity_unlink([REVIEW])

    def _creation_note(self):
        """Return the requested discount and the reason in one line."""
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
        """Return users who can't approve: the requester, owners and authors of the
        quotation, owners of its deal, and those who are paid for sales to the account.
        """
        return (
            super()._makers()
            | self.asked_by_id
            | self._makers_of(self.order_id)
            | self.env["nka.assignment"]._owners(self.key_account_id, self.lead_id)
        )

    @api.model
    def _makers_of(self, order):
        """Return the users who created, own or edited a quotation."""
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
        """Return whether the request covers the quotation's percentage and amount."""
        currency = self.currency_id
        return (
            round(facts.discount, 2) <= round(self.discount, 2)
            and currency.compare_amounts(facts.given, self.given_amount) <= 0
        )
