"""Discount limits of key account quotations, and terms that confirmed orders promise.

A quotation can't give more than the limit of the client's account tier unless a
supervisor approves it; until then it can't be sent, printed, previewed or confirmed.
Key accounts and their limits are kept in the registry cache, so that quotations of
other clients cost no additional query.
"""

from contextlib import contextmanager, nullcontext
from datetime import date, timedelta
from typing import NamedTuple

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate, float_round

from ..trail.opening import open_action
from ..trail.roles import SUPERVISOR

_lt = LazyTranslate(__name__)
#: States in which the client has the quotation.
GIVEN_STATES = ("sent", "sale")

#: Fields that determine whose limit applies.
CLIENT_FIELDS = {
    "partner_id",
    "partner_invoice_id",
    "opportunity_id",
    "pricelist_id",
    "company_id",
}
#: Fields by which list prices are converted and taxed.
RATE_FIELDS = {"currency_id", "fiscal_position_id", "date_order"}

PRICE_FIELDS = {
    "discount",
    "price_unit",
    "product_id",
    "product_uom_id",
    "product_uom_qty",
    "is_downpayment",
    "display_type",
    "order_id",
    "tax_ids",
    "combo_item_id",
    "linked_line_id",
    "product_no_variant_attribute_value_ids",
}
ORDER_WITHOUT_DEAL = "nka_key_accounts.mail_activity_type_order_without_deal"

PERCENT_DIGITS = 2
#: Result for clients without approved prices.
NO_CONTRACT = (frozenset(), frozenset())
#: Days of a 31-day month before another one: "end of month" terms are longest then.
LONG_MONTH = [date(2024, 7, day) for day in range(1, 32)]


class SaleOrder(models.Model):
    _inherit = "sale.order"
    _audit_kinds = {
        "order_without_deal": _lt("Order without a deal"),
        "order_discount": _lt("Discount above the limit"),
    }
    _reason_actions = {
        "action_nka_ask_discount": _lt("Why does the client need this discount?")
    }

    nka_discount = fields.Float(
        "Discount given (%)", compute="_compute_nka_discount", digits=(5, 2)
    )
    nka_discount_limit = fields.Float(
        "Discount allowed without approval (%)",
        compute="_compute_nka_discount",
        digits=(5, 2),
    )
    nka_discount_state = fields.Selection(
        [
            ("free", "Within the limit"),
            ("needed", "Supervisor approval required"),
            ("asked", "Requested"),
            ("approved", "Approved"),
        ],
        "Discount status",
        compute="_compute_nka_discount",
    )

    # ------------------------------------------------------------ compute
    @api.depends(
        "partner_id",
        "partner_invoice_id",
        "opportunity_id.key_account_id",
        "company_id",
        "order_line.discount",
        "order_line.price_unit",
        "order_line.product_uom_qty",
        "order_line.product_id",
        "order_line.is_downpayment",
        "order_line.tax_ids",
        "order_line.price_subtotal",
    )
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
        orders._nka_without_deal()._nka_check_deal()
        return orders

    def write(self, vals):
        if vals.get("state") not in GIVEN_STATES and vals.keys().isdisjoint(
            CLIENT_FIELDS
        ):
            with self._nka_rates_kept(vals):
                return super().write(vals)
        given = self.filtered(lambda order: order.state in GIVEN_STATES)
        lacking = self._nka_without_deal()
        with self._nka_kept(is_certain=given and vals.get("state") not in GIVEN_STATES):
            result = super().write(vals)
            self._nka_check_given()
            still = self._nka_without_deal()
            (still - lacking)._nka_check_deal()
            (lacking - still).sudo().activity_unlink([ORDER_WITHOUT_DEAL])
        return result

    @contextmanager
    def _nka_rates_kept(self, vals):
        """Check that another rate moves no sent or confirmed order above the limit.

        Orders that were above it before are skipped.
        """
        if vals.keys().isdisjoint(RATE_FIELDS):
            yield
            return
        given = self.filtered(lambda order: order.state in GIVEN_STATES)
        given -= given._nka_beyond_limit()
        with given._nka_kept():
            yield
            given._nka_check_given()

    @contextmanager
    def _nka_kept(self, is_certain=False):
        """Roll back to a savepoint on refusal, even if the caller catches the error.

        Orders of other clients need no savepoint, except when a change of the client
        can bring them under a limit.

        :param is_certain: whether the savepoint is needed in any case
        """
        needed = is_certain or self._nka_of_key_clients()
        with self.env.cr.savepoint() if needed else nullcontext():
            yield

    # ------------------------------------------------------------ actions
    def action_quotation_send(self):
        """Refuse here, before the user writes the email."""
        self._nka_check_discount()
        return super().action_quotation_send()

    def action_nka_ask_discount(self, reason=None):
        """Request a supervisor's approval for the discount.

        :param str reason: for the audit trail; a wizard asks for it if missing
        :raise UserError: if no approval is needed
        """
        self.ensure_one()
        self.check_access("write")
        if self.nka_discount_state not in ("needed", "asked"):
            raise UserError(
                self.env._(
                    "%s is within the discount limit or already approved, so no "
                    "request is needed.",
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
        """Open the discount requests of this quotation."""
        self.ensure_one()
        domain = [("order_id", "=", self.id)]
        requests = self.env["nka.discount.request"].search(domain)
        changes = {"domain": domain, "context": {}}
        if len(requests) == 1:
            changes = {"views": [(False, "form")], "res_id": requests.id}
        return open_action(self.env, "nka_discount_request_action", **changes)

    # ------------------------------------------------------------ checks
    def _nka_check_discount(self):
        """Check that discounts above the limit are approved by a supervisor.

        :raise UserError: naming the quotation, its discount and the limit
        """
        for order in self._nka_limited():
            facts = order._nka_discount_facts()
            if order._nka_exceeds(facts) and order._nka_state(facts) != "approved":
                raise UserError(
                    self.env._(
                        "%(order)s has a discount of %(discount)s %%, above this "
                        "client's limit of %(limit)s %%. Use “Request discount "
                        "approval”; once %(person)s approves, you can send and "
                        "confirm the quotation.",
                        order=order.name,
                        discount=facts.discount,
                        limit=facts.limit,
                        person=order._nka_discount_reviewer(),
                    )
                )

    def _nka_discount_reviewer(self):
        """Return the name of the supervisor to ask for a discount on this order."""
        makers = self.env["nka.discount.request"]._makers_of(self.sudo())
        reviewer = self._nka_account()._reviewer(makers)
        return reviewer.name or self.env._("a supervisor")

    def _nka_check_given(self):
        """After a change, check again the orders that the client already has."""
        self.filtered(lambda order: order.state in GIVEN_STATES)._nka_check_discount()

    @api.model
    def _nka_exceeds(self, facts):
        return facts.discount > facts.limit

    # ------------------------------------------------------------ discount
    def _nka_limited(self):
        """Return those of these orders whose client is a key account with a limit."""
        limits = self.env["nka.key.account"]._discount_limits()
        if not limits:
            return self.browse()
        return self.filtered(
            lambda order: not limits.keys().isdisjoint(order._nka_keys())
        )

    def _nka_keys(self):
        """Return the clients of the order, each with its company and parent companies.

        These are the customer, the recipient of the invoice and the deal's client.
        Using a different name on the quotation doesn't bypass the limit.

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
        """Return the lowest limit of these clients in percent, and that client's id."""
        limits = self.env["nka.key.account"]._discount_limits()
        found = [(limits[key], key[0]) for key in self._nka_keys() if key in limits]
        return min(found, default=(100.0, False))

    def _nka_contract(self):
        """Return the ids of price lists and free products that are approved for every
        key account of this order.

        :rtype: tuple[frozenset, frozenset]
        """
        accounts = self.env["nka.key.account"]
        contracts, clients = accounts._contracts(), accounts._key_clients()
        if not contracts:
            return NO_CONTRACT
        found = [
            contracts.get(clients[key], NO_CONTRACT)
            for key in self._nka_keys()
            if key in clients
        ]
        if not found:
            return NO_CONTRACT
        return tuple(frozenset.intersection(*sets) for sets in zip(*found))

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
        """Return the largest discount of a line or of the whole, against list prices.

        A lower price counts as a discount, and so does a line with a negative amount.

        :rtype: DiscountFacts
        """
        self.ensure_one()
        order = self.sudo()
        priced = [row for line in order.order_line if (row := line._nka_list_and_net())]
        listed = sum(list_amount for list_amount, _net, _part in priced)
        net = sum(net for _list, net, _part in priced)
        parts = [part for _list, _net, part in priced]
        if listed > 0:
            parts.append(1 - net / listed)
        limit, _client = self._nka_limit()
        discount = float_round(100 * max([0, *parts]), precision_digits=PERCENT_DIGITS)
        return DiscountFacts(discount, limit, max(listed - net, 0.0))

    @api.model
    def _nka_untaxed_part(self, taxes):
        """Return the fraction of a price that remains without its included taxes."""
        if not any(taxes.flatten_taxes_hierarchy().mapped("price_include")):
            return 1.0
        # A large amount, so that rounding to cents makes no difference.
        return taxes.compute_all(1e6)["total_excluded"] / 1e6

    # ------------------------------------------------------------ orders without a deal
    def _nka_of_key_clients(self):
        """Return orders whose client is a key account, with or without a limit."""
        clients = self.env["nka.key.account"]._key_clients()
        if not clients:
            return self.browse()
        return self.filtered(
            lambda order: not clients.keys().isdisjoint(order._nka_keys())
        )

    def _nka_without_deal(self):
        """Return confirmed orders of key accounts without a deal of the account."""
        return self.filtered(lambda order: order.state == "sale")._nka_lacking_deal()

    def _nka_lacking_deal(self):
        """Return those of these orders, in any state, that have no deal or the deal of
        another client.
        """
        clients = self.env["nka.key.account"]._key_clients()
        if not clients:
            return self.browse()
        return self.filtered(lambda order: order._nka_accounts_without_deal(clients))

    def _nka_accounts_without_deal(self, clients=None):
        """Return the ids of the key accounts that ordered without a deal of theirs.

        :param dict clients: ids of the accounts by client and company
        """
        order = self.sudo()
        clients = clients or self.env["nka.key.account"]._key_clients()
        partners = (order.partner_id | order.partner_invoice_id).commercial_partner_id
        keys = {(partner.id, order.company_id.id) for partner in partners._origin}
        accounts = {clients[key] for key in keys if key in clients}
        return (
            accounts if order.opportunity_id.key_account_id.id not in accounts else ()
        )

    def _nka_check_deal(self):
        """Handle confirmed orders without a deal by the company's setting: refuse, tell
        the supervisor, or do nothing.

        :raise UserError: naming the order, the client and who can help
        """
        for order in self:
            choice = order.company_id.sudo().nka_order_without_deal
            if choice == "block":
                raise UserError(order._nka_deal_message())
            if choice == "tell":
                order._nka_tell_without_deal()

    def _nka_deal_message(self):
        account = self.env["nka.key.account"].sudo()
        account = account.browse(self._nka_accounts_without_deal())[:1]
        return self.env._(
            "%(order)s belongs to %(client)s, a key account, but isn't linked to any "
            "of its deals. Set the opportunity on the order (“Other Info” tab). If "
            "there is no deal or you can't see it, ask %(person)s to create and set "
            "it.",
            order=self.name,
            client=account.partner_id.display_name,
            person=account._user_to_tell().name or self.env._("a supervisor"),
        )

    def _nka_tell_without_deal(self):
        """Log the order, and create one activity for the supervisor."""
        accounts = self.env["nka.key.account"].sudo()
        account = accounts.browse(self._nka_accounts_without_deal())[:1]
        self._nka_record("order_without_deal", account)
        if self.sudo().activity_search([ORDER_WITHOUT_DEAL]):
            return
        self._nka_ask_supervisor(
            account,
            self.env._("Confirmed without a deal"),
            self.env._(
                "%s is a key account, but the order isn't linked to any of its deals. "
                "Ask which deal it belongs to and set it on the order.",
                account.partner_id.display_name,
            ),
        )

    def _nka_record(self, kind, account, note=None):
        events = self.env["nka.audit.event"]
        entry = events._prepare_entry(self, kind, note=note)
        entry["key_account_ref"] = account.id
        events._append([entry])

    def _nka_ask_supervisor(self, account, summary, note):
        reviewer = account._reviewer(self.env["res.users"])
        if reviewer:
            self.sudo().activity_schedule(
                ORDER_WITHOUT_DEAL, user_id=reviewer.id, summary=summary, note=note
            )

    def _nka_tell_discount(self):
        """Log orders that exceed the limit of their new client, and ask a supervisor to
        review them.
        """
        for order in self:
            facts, account = order._nka_discount_facts(), order._nka_account()
            words = self.env._(
                "Discount %(discount)s %%, above the limit of %(limit)s %% for "
                "%(client)s",
                discount=facts.discount,
                limit=facts.limit,
                client=account.partner_id.display_name,
            )
            order._nka_record("order_discount", account, words)
            summary = self.env._("Discount above the limit")
            order._nka_ask_supervisor(account, summary, words)

    def _nka_beyond_limit(self):
        """Return orders above the limit without an approval."""
        return self._nka_limited().filtered(
            lambda order: (
                order._nka_state(order._nka_discount_facts()) in ("needed", "asked")
            )
        )

    @contextmanager
    def _nka_watched(self):
        """Check these orders again when their contacts or deal change.

        Changes by a supervisor or the superuser are logged and the supervisor is asked
        to look; changes by other users are refused.
        """
        given = self.sudo().filtered(lambda order: order.state in GIVEN_STATES)
        lacking, beyond = given._nka_without_deal(), given._nka_beyond_limit()
        yield
        given = given.exists()
        come = given._nka_without_deal() - lacking
        more = given._nka_beyond_limit() - beyond
        if self.env.uid == SUPERUSER_ID or self.env.user.has_group(SUPERVISOR):
            more._nka_tell_discount()
            for order in come:
                if order.company_id.nka_order_without_deal != "off":
                    order._nka_tell_without_deal()
        else:
            more._nka_check_discount()
            come._nka_check_deal()

    # ------------------------------------------------------------ held
    def _nka_held(self):
        """Return unconfirmed orders above the limit without an approval.

        :rtype: sale.order
        """
        return self._nka_limited().filtered(
            lambda order: (
                order.state != "sale"
                and order._nka_state(order._nka_discount_facts()) in ("needed", "asked")
            )
        )

    def _nka_check_leaving(self):
        """Check the discount of quotations before they are printed or shown.

        :raise UserError: naming the quotation, its discount and the limit
        """
        self.filtered(
            lambda order: order.state not in GIVEN_STATES
        )._nka_check_discount()

    def action_preview_sale_order(self):
        """Open the customer's page, unless the quotation needs a discount approval."""
        self._nka_check_leaving()
        return super().action_preview_sale_order()

    # ------------------------------------------------------------ held: portal
    def _has_to_be_signed(self):
        return super()._has_to_be_signed() and not self._nka_stopped()

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and not self._nka_stopped()

    def _nka_stopped(self):
        """Return quotations that can't be confirmed as they are: held for their
        discount, or without the deal that the company requires.
        """
        without = self._nka_lacking_deal().filtered(
            lambda order: (
                order.state != "sale"
                and order.company_id.sudo().nka_order_without_deal == "block"
            )
        )
        return self._nka_held() | without

    def _nka_tell_paid(self):
        """Create a to-do for a decision on a quotation that was paid while held."""
        held = self._nka_held()
        accounts = self.env["nka.key.account"].sudo()
        account = (
            self._nka_account()
            if held
            else accounts.browse(self._nka_accounts_without_deal())[:1]
        )
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=(account._reviewer() or self.user_id).id,
            summary=self.env._("Paid, but the discount isn't approved")
            if held
            else self.env._("Paid, but not linked to a deal"),
            note=self.env._(
                "The client has already paid this quotation. Confirm it once the "
                "discount is approved, or agree on other terms with them."
            )
            if held
            else self.env._(
                "The client has already paid this quotation. Link it to a deal and "
                "confirm it."
            ),
        )

    # ------------------------------------------------------------ promised terms
    def _nka_prepare_terms(self):
        """Return the terms this order promises, as values of commitments: the price of
        each product, volume, delivery and payment.

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
        """Return the lines that promise a price, by product.

        Excludes sections, down payments, rebates and parent lines of combos.

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
                "text": self.env._(
                    "Purchases worth %s", self.currency_id.format(amount)
                ),
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
        """Return the promised payment, due the most days after order or delivery that
        the term can grant: "end of the month" grants most on the first of a month.
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
                "text": self.env._("Payment terms: %s", term.name),
                "promised_value": days,
                "promised_date": begin + timedelta(days=days),
            }
        ]

    def _nka_in_company_money(self, amount):
        """Convert at the order's rate, unrounded: a price can have more digits."""
        return amount / (self.currency_rate or 1)


class DiscountFacts(NamedTuple):
    """Discount of a quotation in percent, limit in percent, and discount amount."""

    discount: float
    limit: float
    given: float
