"""A quotation of a key account gives no more than its tier allows, or a supervisor says so.

Which clients are key accounts, and their limits, is kept in the registry's cache:
quotations of everybody else cost no query more.
"""

from contextlib import contextmanager, nullcontext
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate, float_round

_lt = LazyTranslate(__name__)
#: From here on the client has it.
GIVEN_STATES = ("sent", "sale")

#: Whose order it is.
CLIENT_FIELDS = {
    "partner_id",
    "partner_invoice_id",
    "opportunity_id",
    "pricelist_id",
    "company_id",
}

PRICE_FIELDS = {
    "discount",
    "price_unit",
    "product_id",
    "product_uom_id",
    "product_uom_qty",
}

PERCENT_DIGITS = 2


class SaleOrder(models.Model):
    _inherit = "sale.order"
    _reason_actions = {
        "action_nka_ask_discount": _lt("Why does the client need this discount?")
    }

    nka_discount = fields.Float(
        "Discount given (%)", compute="_compute_nka_discount", digits=(5, 2)
    )
    nka_discount_limit = fields.Float(
        "Discount without asking (%)", compute="_compute_nka_discount", digits=(5, 2)
    )
    nka_discount_state = fields.Selection(
        [
            ("free", "Within the limit"),
            ("needed", "A supervisor has to be asked"),
            ("asked", "Asked"),
            ("approved", "Approved"),
        ],
        "State of the discount",
        compute="_compute_nka_discount",
    )

    # ------------------------------------------------------------ compute
    @api.depends("partner_id", "partner_invoice_id", "opportunity_id.key_account_id")
    @api.depends("company_id", "order_line.discount")
    @api.depends("order_line.price_unit", "order_line.product_uom_qty")
    @api.depends("order_line.product_id", "order_line.price_subtotal")
    def _compute_nka_discount(self):
        limited = self._nka_limited()
        for order in self - limited:
            order.nka_discount = order.nka_discount_limit = 0.0
            order.nka_discount_state = False
        for order in limited:
            facts = order._nka_discount_facts()
            order.nka_discount, order.nka_discount_limit = facts.discount, facts.limit
            order.nka_discount_state = order._nka_state(facts)

    def _nka_state(self, facts):
        if not self._nka_exceeds(facts):
            return "free"
        covering = self._nka_requests().filtered(lambda one: one._covers(facts))
        states = set(covering.mapped("state"))
        return next(
            (state for state in ("approved", "asked") if state in states), "needed"
        )

    # ------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders._nka_check_given()
        return orders

    def write(self, vals):
        if vals.get("state") not in GIVEN_STATES and vals.keys().isdisjoint(
            CLIENT_FIELDS
        ):
            return super().write(vals)
        given = self.filtered(lambda order: order.state in GIVEN_STATES)
        with self._nka_kept(is_certain=given and vals.get("state") not in GIVEN_STATES):
            result = super().write(vals)
            self._nka_check_given()
        return result

    @contextmanager
    def _nka_kept(self, is_certain=False):
        """Take back what is refused, even from a caller who goes on after it.

        Orders of others cost no savepoint, unless they change hands: then they may
        come under a limit.
        """
        needed = is_certain or self._nka_limited()
        with self.env.cr.savepoint() if needed else nullcontext():
            yield

    # ------------------------------------------------------------ actions
    def action_quotation_send(self):
        """Refused here already, before somebody writes the mail."""
        self._nka_check_discount()
        return super().action_quotation_send()

    def action_nka_ask_discount(self, reason=None):
        """Ask a supervisor for the discount; without a reason the question opens."""
        self.ensure_one()
        self.check_access("write")
        if self.nka_discount_state not in ("needed", "asked"):
            raise UserError(
                self.env._(
                    "%s is within the limit or approved: nothing has to be asked.",
                    self.name,
                )
            )
        if not reason:
            return self._nka_ask_reason()
        self.env["nka.discount.request"]._ask(self, self._nka_account(), reason)
        self.invalidate_recordset(["nka_discount_state"])
        return True

    def _nka_ask_reason(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why does the client need this discount?"),
            "res_model": "nka.reason.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_res_model": self._name,
                "default_res_ids": self.ids,
                "default_action": "action_nka_ask_discount",
            },
        }

    def action_nka_open_requests(self):
        """Open what was asked and decided about the discount of this quotation."""
        self.ensure_one()
        requests = self.env["nka.discount.request"].search([("order_id", "=", self.id)])
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "nka_key_accounts.nka_discount_request_action"
        )
        if len(requests) == 1:
            return {**action, "views": [(False, "form")], "res_id": requests.id}
        return {**action, "domain": [("order_id", "=", self.id)], "context": {}}

    # ------------------------------------------------------------ checks
    def _nka_check_discount(self):
        """Refuse more than the tier's limit, unless a supervisor approved as much.

        :raise UserError: naming the quotation, its discount and the limit
        """
        for order in self._nka_limited():
            facts = order._nka_discount_facts()
            if order._nka_exceeds(facts) and order._nka_state(facts) != "approved":
                raise UserError(
                    self.env._(
                        "%(order)s gives %(discount)s %%, and %(limit)s %% is the "
                        "limit of this client. Use “Ask for the discount”: it can be "
                        "sent and confirmed when a supervisor has approved it.",
                        order=order.name,
                        discount=facts.discount,
                        limit=facts.limit,
                    )
                )

    def _nka_check_given(self):
        """Look again at what is with the client already, after a change."""
        self.filtered(lambda order: order.state in GIVEN_STATES)._nka_check_discount()

    @api.model
    def _nka_exceeds(self, facts):
        return facts.discount > facts.limit

    # ------------------------------------------------------------ facts
    def _nka_limited(self):
        """Those of these orders whose client is a key account with a limit."""
        limits = self.env["nka.key.account"]._discount_limits()
        if not limits:
            return self.browse()
        return self.filtered(
            lambda order: not limits.keys().isdisjoint(order._nka_keys())
        )

    def _nka_keys(self):
        """The clients the order is for, with its company: who orders, who gets the
        invoice, whose deal it comes from. Another name on the paper escapes no limit.

        :rtype: set[tuple[int, int]]
        """
        order = self.sudo()
        clients = (order.partner_id | order.partner_invoice_id).commercial_partner_id
        clients |= order.opportunity_id.key_account_id.partner_id
        return {(client.id, self.company_id.id) for client in clients._origin}

    def _nka_limit(self):
        """The lowest limit of these clients in percent, and whose it is."""
        limits = self.env["nka.key.account"]._discount_limits()
        found = [(limits[key], key[0]) for key in self._nka_keys() if key in limits]
        return min(found, default=(100.0, False))

    def _nka_account(self):
        _limit, client = self._nka_limit()
        domain = [("partner_id", "=", client), ("company_id", "=", self.company_id.id)]
        return self.env["nka.key.account"].sudo().search(domain)

    def _nka_requests(self):
        return (
            self.env["nka.discount.request"]
            .sudo()
            .search([("order_id", "in", self._origin.ids), ("state", "!=", "refused")])
        )

    def _nka_discount_facts(self):
        """What this quotation gives: the largest discount of a line or of the whole,
        against list prices. A lower price counts like a discount, and so does a line
        with a negative amount.

        :rtype: DiscountFacts
        """
        self.ensure_one()
        order = self.sudo()
        pairs = [
            pair for line in order.order_line if (pair := line._nka_list_and_net())
        ]
        listed = sum(list_amount for list_amount, _net in pairs)
        net = sum(net for _list, net in pairs)
        parts = [1 - net / listed for listed, net in pairs if listed > 0]
        if listed > 0:
            parts.append(1 - net / listed)
        limit, _client = self._nka_limit()
        discount = float_round(100 * max([0, *parts]), precision_digits=PERCENT_DIGITS)
        return DiscountFacts(discount, limit, max(listed - net, 0.0))

    # ============================================================ held
    # A quotation that waits for a supervisor's word reaches the client by no way.

    def _nka_held(self):
        """Those of these orders that give too much and aren't agreed with the client.

        :rtype: sale.order
        """
        return self._nka_limited().filtered(
            lambda order: (
                order.state != "sale"
                and order._nka_state(order._nka_discount_facts()) in ("needed", "asked")
            )
        )

    def _nka_check_leaving(self):
        """Refuse to print what the client hasn't got and mustn't get yet.

        :raise UserError: naming the quotation, its discount and the limit
        """
        self.filtered(
            lambda order: order.state not in GIVEN_STATES
        )._nka_check_discount()

    def action_preview_sale_order(self):
        """The page of the client opens when he may see it."""
        self._nka_check_leaving()
        return super().action_preview_sale_order()

    # ------------------------------------------------------------ held: portal
    def _has_to_be_signed(self):
        return super()._has_to_be_signed() and not self._nka_held()

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and not self._nka_held()

    def _nka_tell_paid(self):
        """Somebody has to decide about a quotation that was paid while it is held."""
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=self._nka_account().supervisor_id.id or self.user_id.id,
            summary=self.env._("Paid, but its discount isn't approved"),
            note=self.env._(
                "The client has paid this quotation. Confirm it once the discount is "
                "approved, or agree with him on other terms."
            ),
        )


class DiscountFacts(NamedTuple):
    """What a quotation gives: percent, the tier's limit, list prices less net."""

    discount: float
    limit: float
    given: float
