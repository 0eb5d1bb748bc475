"""What quotations of key accounts may give away, and what confirmed ones promise.

A quotation gives no more than the client's tier allows, unless a supervisor says so;
until then it reaches the client by no way. Which clients are key accounts, and their
limits, is kept in the registry's cache: quotations of everybody else cost no query
more.
"""

from contextlib import contextmanager, nullcontext
from datetime import date, timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate, float_round

from ..trail.opening import open_action

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
#: The days of a long month that a long one follows: no month's end lies further away.
LONG_MONTH = [date(2024, 7, day) for day in range(1, 32)]


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
            wizard = self.env["nka.reason.wizard"]
            return wizard._ask(self, "action_nka_ask_discount")
        self.env["nka.discount.request"]._ask(self, self._nka_account(), reason)
        self.invalidate_recordset(["nka_discount_state"])
        return True

    def action_nka_open_requests(self):
        """Open what was asked and decided about the discount of this quotation."""
        self.ensure_one()
        domain = [("order_id", "=", self.id)]
        requests = self.env["nka.discount.request"].search(domain)
        changes = {"domain": domain, "context": {}}
        if len(requests) == 1:
            changes = {"views": [(False, "form")], "res_id": requests.id}
        return open_action(self.env, "nka_discount_request_action", **changes)

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

    # ------------------------------------------------------------ discount
    def _nka_limited(self):
        """Those of these orders whose client is a key account with a limit."""
        limits = self.env["nka.key.account"]._discount_limits()
        if not limits:
            return self.browse()
        return self.filtered(
            lambda order: not limits.keys().isdisjoint(order._nka_keys())
        )

    def _nka_keys(self):
        """The clients the order is for, with its company and those it is a branch of: who
        orders, who gets the invoice, whose deal it comes from. Another name on the
        quotation escapes no limit.

        :rtype: set[tuple[int, int]]
        """
        order = self.sudo()
        clients = (order.partner_id | order.partner_invoice_id).commercial_partner_id
        clients |= order.opportunity_id.key_account_id.partner_id
        companies = order.company_id.parent_ids.ids
        return {
            (client, company) for client in clients._origin.ids for company in companies
        }

    def _nka_limit(self):
        """The lowest limit of these clients in percent, and whose it is."""
        limits = self.env["nka.key.account"]._discount_limits()
        found = [(limits[key], key[0]) for key in self._nka_keys() if key in limits]
        return min(found, default=(100.0, False))

    def _nka_account(self):
        _limit, client = self._nka_limit()
        companies = self.company_id.parent_ids.ids
        domain = [("partner_id", "=", client), ("company_id", "in", companies)]
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

    # ------------------------------------------------------------ held
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
        """Open the client's page only where the client may see it."""
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

    # ------------------------------------------------------------ promised terms
    def _nka_prepare_terms(self):
        """What this order promises, as values of commitments: the price of each
        article, volume, delivery and payment.

        :rtype: list[dict]
        """
        self.ensure_one()
        return [
            *(lines._nka_prepare_price() for lines in self._nka_priced_lines()),
            *self._nka_prepare_volume(),
            *self._nka_prepare_delivery(),
            *self._nka_prepare_payment(),
        ]

    def _nka_priced_lines(self):
        """The lines that promise a price, by article: no sections, down payments,
        rebates or heads of a combination.

        :rtype: Iterable[sale.order.line]
        """
        lines = self.order_line.filtered(
            lambda line: (
                line.product_id
                and not line.display_type
                and not line.is_downpayment
                and line.product_type != "combo"
                and line.product_uom_qty > 0
                and line.price_unit >= 0
            )
        )
        return lines.grouped("product_id").values()

    def _nka_prepare_volume(self):
        amount = self.amount_untaxed
        if amount <= 0:
            return []
        return [
            {
                "kind": "volume",
                "text": self.env._("Buys for %s", self.currency_id.format(amount)),
                "promised_value": self._nka_in_company_money(amount),
            }
        ]

    def _nka_prepare_delivery(self):
        if not self.commitment_date:
            return []
        return [
            {
                "kind": "delivery",
                "text": self.env._("Delivery of %s", self.name),
                "promised_date": self.commitment_date.date(),
            }
        ]

    def _nka_prepare_payment(self):
        """Due so many days after the order or its delivery as the term grants at most:
        "end of the month" grants more on its first day.
        """
        term = self.payment_term_id
        if not term:
            return []
        days = max(
            (
                (line._get_due_date(day) - day).days
                for line in term.line_ids
                for day in LONG_MONTH
            ),
            default=0,
        )
        ordered = self.nka_order_day or self.date_order.date()
        delivered = self.commitment_date and self.commitment_date.date()
        begin = max(ordered, delivered or ordered)
        return [
            {
                "kind": "payment",
                "text": self.env._("Pays by “%s”", term.name),
                "promised_value": days,
                "promised_date": begin + timedelta(days=days),
            }
        ]

    def _nka_in_company_money(self, amount):
        """By the rate of the order, not rounded: a price may have more digits."""
        return amount / (self.currency_rate or 1)


class DiscountFacts(NamedTuple):
    """What a quotation gives: percent, the tier's limit, list prices less net."""

    discount: float
    limit: float
    given: float
