from unittest.mock import patch

from odoo import Command
from odoo.addons.nka_key_accounts.models.deals import sale_order, sale_order_line
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import DealsCase


@tagged("nka_discount")
class TestDiscount(DealsCase):
    """A quotation above the tier's limit needs a supervisor's approval before it is
    sent or confirmed.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tier.discount_limit = 10
        cls.pricelist = cls.env["product.pricelist"].create({"name": "List"})

    def _asked(self, discount=25.0):
        order = self._quote(discount)
        order.action_nka_ask_discount(reason="Three years of volume")
        requests = self.env["nka.discount.request"]
        return order, requests.search([("order_id", "=", order.id)])

    def assertHeld(self, order):
        for step in (
            order.action_quotation_send,
            order.action_quotation_sent,
            order.action_confirm,
        ):
            with self.assertRaisesRegex(UserError, "Request discount approval"):
                step()
        for state in ("sent", "sale"):
            with self.assertRaisesRegex(UserError, "Request discount approval"):
                order.write({"state": state})
        self.assertEqual(order.state, "draft")

    def test_within_the_limit(self):
        order = self._quote(10)
        self.assertEqual(order.nka_discount_state, "free")
        order.action_quotation_sent()
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_beyond_the_limit_is_held(self):
        order = self._quote(10.5)
        self.assertEqual(order.nka_discount, 10.5)
        self.assertEqual(order.nka_discount_state, "needed")
        self.assertHeld(order)
        with self.assertRaises(UserError):
            order.with_context(mark_so_as_sent=True).message_post(body="Here it is")

    def test_approved_by_a_supervisor(self):
        order, request = self._asked()
        self.assertEqual((request.discount, request.given_amount), (25, 250))
        self.assertEqual(self._activities(request).user_id, self.supervisor)
        self.assertEqual(order.nka_discount_state, "asked")
        self.assertHeld(order)
        request.with_user(self.supervisor).action_approve()
        self.assertEqual(order.nka_discount_state, "approved")
        self.assertFalse(self._activities(request))
        order.action_quotation_sent()
        order.action_confirm()
        event = self._events(request, "state")[-1]
        self.assertEqual((event.new, event.user_id), ("approved", self.supervisor))
        self.assertIn("25", event.note)
        self.assertEqual(event.key_account_ref, self.account.id)

    def test_rejected_with_a_reason(self):
        order, request = self._asked()
        request.with_user(self.supervisor).action_refuse(reason="Too much")
        self.assertHeld(order)
        self.assertEqual(self._activities(request).user_id, self.manager)

    def test_requester_and_others_cannot_approve(self):
        _order, request = self._asked()
        for user in (self.manager, self.deputy, self.colleague, self.kam_admin):
            with self.assertRaises(AccessError):
                request.with_user(user).action_approve()
        with self.assertRaises(AccessError):
            request.with_user(self.manager).write({"state": "approved"})
        with self.assertRaises(AccessError):
            request.sudo().action_approve()

    def test_supervisor_cannot_approve_own_quotation(self):
        order = self._quote(30, user=self.supervisor)
        order.action_nka_ask_discount(reason="My own deal")
        request = self.env["nka.discount.request"].search([("order_id", "=", order.id)])
        self.assertEqual(self._activities(request).user_id, self.supervisor_2)
        with self.assertRaisesRegex(AccessError, "worked on"):
            request.with_user(self.supervisor).action_approve()
        request.with_user(self.supervisor_2).action_approve()
        order.action_confirm()

    def test_supervisor_who_edited_a_line_cannot_approve(self):
        order, request = self._asked()
        order.order_line.with_user(self.supervisor).discount = 24
        with self.assertRaisesRegex(AccessError, "worked on"):
            request.with_user(self.supervisor).action_approve()

    def test_approval_covers_the_requested_discount_only(self):
        order, request = self._asked()
        request.with_user(self.supervisor).action_approve()
        for vals in ({"discount": 26}, {"product_uom_qty": 2}, {"price_unit": 900}):
            with self.cr.savepoint(flush=True) as savepoint:
                order.order_line.write(vals)
                self.assertEqual(order.nka_discount_state, "needed", vals)
                with self.assertRaises(UserError):
                    order.action_confirm()
                savepoint.rollback()
            order.invalidate_recordset()
            order.order_line.invalidate_recordset()
        order.order_line.discount = 20
        order.action_confirm()

    def test_request_is_outdated_when_the_quotation_changes(self):
        order, request = self._asked()
        order.order_line.discount = 40
        with self.assertRaisesRegex(UserError, "is now higher than requested"):
            request.with_user(self.supervisor).action_approve()
        order.action_nka_ask_discount(reason="More")
        self.assertEqual(request.state, "refused")

    def test_every_kind_of_discount_counts(self):
        lower = self._quote(price_unit=880)
        self.assertEqual(lower.nka_discount, 12)
        both = self._quote(5, price_unit=950)
        self.assertEqual(both.nka_discount, 9.75)
        bonus = self._quote()
        bonus.order_line = [
            Command.create(
                {
                    "product_id": self.film_roll.id,
                    "product_uom_qty": 1,
                    "price_unit": -200,
                }
            )
        ]
        self.assertEqual(bonus.nka_discount, 20)
        gift = self._quote()
        gift.order_line = [
            Command.create({"product_id": self.film_roll.id, "discount": 100})
        ]
        self.assertEqual(gift.nka_discount, 100)
        self.pricelist.item_ids = [
            Command.create({"compute_price": "percentage", "percent_price": 50})
        ]
        cheap = self._quote()
        cheap.pricelist_id = self.pricelist
        cheap._recompute_prices()
        self.assertEqual(cheap.nka_discount, 50)
        for order in (lower, bonus, gift, cheap):
            self.assertHeld(order)

    def test_prices_cannot_be_lowered_after_confirmation(self):
        order = self._quote()
        order.action_confirm()
        with self.assertRaises(UserError), self.cr.savepoint():
            order.order_line.discount = 50
        with self.assertRaises(UserError), self.cr.savepoint():
            order.order_line = [
                Command.create({"product_id": self.film_roll.id, "discount": 90})
            ]
        orders = self.env["sale.order"].with_user(self.manager)
        with self.assertRaises(UserError), self.cr.savepoint():
            orders.create(
                {
                    "partner_id": self.client.id,
                    "state": "sale",
                    "order_line": [
                        Command.create({"product_id": self.wrapper.id, "discount": 50})
                    ],
                }
            )

    def test_contacts_of_the_client_count(self):
        order = self._quote(50, client=self.buyer)
        self.assertHeld(order)

    def test_other_invoice_or_delivery_address_does_not_bypass_the_limit(self):
        """The limit also applies if only the invoice address or the deal names the
        client.
        """
        shell = self._new_client("Front office")
        for vals in (
            {"partner_invoice_id": self.buyer.id},
            {"opportunity_id": self.lead.id},
        ):
            order = self._quote(50, client=shell)
            self.assertFalse(order.nka_discount_state)
            order.write(vals)
            self.assertEqual(order.nka_discount_state, "needed", vals)
            self.assertHeld(order)
            order.action_nka_ask_discount(reason="Billed elsewhere")
            request = self.env["nka.discount.request"].search(
                [("order_id", "=", order.id)]
            )
            self.assertEqual(request.key_account_id, self.account)
            sent = self._quote(50, client=shell)
            sent.action_quotation_sent()
            with self.assertRaisesRegex(UserError, "Request discount approval"):
                sent.write(vals)
            sent.invalidate_recordset()
            self.assertFalse(sent.nka_discount_state)

    def test_held_quotation_cannot_be_printed(self):
        reports = self.env["ir.actions.report"]
        order, request = self._asked()
        for user in (self.manager, self.supervisor, self.env.ref("base.user_root")):
            for name in ("sale.report_saleorder", "sale.report_saleorder_pro_forma"):
                with self.assertRaisesRegex(UserError, "Request discount approval"):
                    reports.with_user(user)._render_qweb_html(name, order.ids)
        with self.assertRaisesRegex(UserError, "Request discount approval"):
            order.action_preview_sale_order()
        order.action_cancel()
        with self.assertRaisesRegex(UserError, "Request discount approval"):
            reports._render_qweb_html("sale.report_saleorder", order.ids)
        order.action_draft()
        request.with_user(self.supervisor).action_approve()
        self.assertTrue(reports._render_qweb_html("sale.report_saleorder", order.ids))

    def test_held_after_sending_cannot_be_signed_or_paid(self):
        order = self._quote(10)
        order.write({"require_signature": True, "require_payment": True})
        order.action_quotation_sent()
        self.assertTrue(order._has_to_be_signed() and order._has_to_be_paid())
        self.tier.discount_limit = 5
        self.assertFalse(order._has_to_be_signed() or order._has_to_be_paid())
        methods = self.env["payment.method"].with_context(active_test=False)
        payment = self.env["payment.transaction"].create(
            {
                "provider_id": self.env["payment.provider"].create({"name": "Bank"}).id,
                "payment_method_id": methods.search([], limit=1).id,
                "reference": order.name,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [Command.set(order.ids)],
                "state": "done",
            }
        )
        self.assertTrue(order._is_confirmation_amount_reached())
        self.assertFalse(payment._check_amount_and_confirm_order())
        self.assertEqual(order.state, "sent")
        self.assertIn("Paid", self._activities(order)[-1].summary)

    def test_limit_follows_tier_and_status(self):
        order = self._quote(50)
        self.tier.discount_limit = 60
        self.assertFalse(order._nka_exceeds(order._nka_discount_facts()))
        self.tier.discount_limit = 0
        self.assertHeld(order)
        self.account.with_user(self.supervisor).action_retire(reason="Sold")
        order.invalidate_recordset()
        self.assertFalse(order.nka_discount_state)
        order.action_confirm()

    def test_requests_are_created_by_the_button_only(self):
        order = self._quote(50)
        vals = {
            "order_id": order.id,
            "key_account_id": self.account.id,
            "reason": "Because",
        }
        for user in (self.manager, self.supervisor):
            with self.assertRaises(UserError):
                self.env["nka.discount.request"].with_user(user).create(vals)
        with self.assertRaisesRegex(UserError, "only with the buttons"):
            self.env["nka.discount.request"].create(vals)

    def test_access_to_requests(self):
        _order, request = self._asked()
        requests = self.env["nka.discount.request"]
        for user in (self.manager, self.deputy, self.supervisor, self.kam_admin):
            self.assertEqual(requests.with_user(user).search([]).ids, request.ids)
        for user in (self.colleague, self.salesman):
            self.assertFalse(requests.with_user(user).search([]), user.login)

    def test_quotations_of_others_cost_no_query(self):
        free = self._new_client("Walk-in")

        def sell():
            order = self._quote(50, client=free, user=self.salesman)
            order.order_line.price_unit = 500
            order.action_quotation_sent()
            order.action_confirm()

        def bare(records, *args):
            return None

        sell()
        self._queries(sell)
        taxed = self._queries(sell)
        with (
            patch.object(sale_order.SaleOrder, "_nka_check_discount", bare),
            patch.object(sale_order.SaleOrder, "_nka_check_given", bare),
            patch.object(sale_order_line.SaleOrderLine, "_nka_check_orders", bare),
        ):
            untaxed = self._queries(sell)
        self.assertEqual(taxed, untaxed)


@tagged("nka_discount")
class TestDiscountPortal(HttpCase, DealsCase):
    """Held quotations can't be opened on the portal, with or without an access link."""

    def test_link_to_a_held_quotation(self):
        self.tier.discount_limit = 10
        held, free = self._quote(30), self._quote(5)
        pages = [
            order.get_portal_url(query_string=query)
            for order in (held, free)
            for query in ("", "&report_type=html")
        ]
        places = [self.url_open(page).request.path_url for page in pages]
        self.assertFalse([path for path in places[:2] if "orders" in path])
        self.assertEqual([path for path in places[2:] if "orders" in path], places[2:])
        self.authenticate(self.manager.login, self.manager.login)
        self.assertNotIn("orders", self.url_open(pages[0]).request.path_url)
        answer = self.make_jsonrpc_request(
            f"/my/orders/{held.id}/accept",
            {"access_token": held.access_token, "name": "X", "signature": "aGk="},
        )
        self.assertIn("error", answer)
        self.assertEqual(held.state, "draft")
