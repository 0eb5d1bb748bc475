"""Orders of a key account without one of its deals: ignored, reported or blocked."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DealsCase

WITHOUT = "isn't linked to any of its deals"


class WithoutDealCase(DealsCase):
    choice = "tell"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.nka_order_without_deal = cls.choice
        cls.free_client = cls._new_client("Free Foundry")

    def _order(self, deal=None, **kwargs):
        order = self._quote(0, **kwargs)
        order.opportunity_id = deal or False
        return order

    def _told(self, order):
        self.env.flush_all()
        return self._activities(order, "order_without_deal")

    def _person(self):
        return self.env["res.partner"].create({"name": "Buyer to be"})


@tagged("nka_deals")
class TestReported(WithoutDealCase):
    """By default the supervisor gets an activity and the audit trail an event."""

    def test_default(self):
        company = self.env["res.company"].create({"name": "New one"})
        self.assertEqual(company.nka_order_without_deal, "tell")

    def _assert_told(self, order):
        self.assertEqual(self._told(order).user_id, self.supervisor)
        event = self._events(order, "order_without_deal")
        self.assertEqual(event.mapped("key_account_ref"), self.account.ids)

    def test_confirmed(self):
        order = self._order()
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self._assert_told(order)

    def test_with_a_deal(self):
        order = self._order(self.lead)
        order.action_confirm()
        self.assertFalse(self._told(order))

    def test_with_another_client_s_deal(self):
        order = self._order(self._new_lead(self.free_client))
        order.action_confirm()
        self._assert_told(order)

    def test_other_customer_with_the_client_as_invoice_address(self):
        order = self._order(client=self.free_client)
        order.partner_invoice_id = self.director
        order.action_confirm()
        self._assert_told(order)

    def test_written_and_created(self):
        order = self._order()
        order.write({"state": "sale"})
        self._assert_told(order)
        orders = self.env["sale.order"].with_user(self.manager)
        order = orders.create({"partner_id": self.client.id, "state": "sale"})
        self._assert_told(order)

    def test_deal_removed_afterwards(self):
        order = self._order(self.lead)
        order.action_confirm()
        order.opportunity_id = False
        self._assert_told(order)

    def test_deal_set_afterwards(self):
        order = self._order()
        order.action_confirm()
        order.opportunity_id = self.lead
        self.assertFalse(self._told(order))

    def test_deal_deleted(self):
        order = self._order(self.lead)
        order.action_confirm()
        self.lead.with_user(self.supervisor).sudo().unlink()
        self._assert_told(order)

    def test_deal_assigned_to_another_client(self):
        order = self._order(self.lead)
        order.action_confirm()
        self.lead.with_user(self.supervisor).partner_id = self.free_client
        self._assert_told(order)

    def test_client_after_the_confirmation(self):
        order = self._order(client=self.free_client)
        order.action_confirm()
        self.assertFalse(self._told(order))
        order.partner_id = self.client
        self._assert_told(order)

    def test_contact_moved_below_the_client(self):
        person = self._person()
        order = self._order(client=person)
        order.action_confirm()
        person.with_user(self.supervisor).parent_id = self.client
        self._assert_told(order)

    def test_reported_once(self):
        order = self._order()
        order.action_confirm()
        order.client_order_ref = "42"
        order.partner_id = self.director
        order.write({"opportunity_id": False})
        self.assertEqual(len(self._events(order, "order_without_deal")), 1)

    def test_orders_of_others_cost_no_query(self):
        order = self._order(client=self.free_client)
        order.action_confirm()
        self.assertFalse(self._told(order))
        self.assertFalse(self._events(order))


@tagged("nka_deals")
class TestBlocked(WithoutDealCase):
    choice = "block"

    def _refused(self, door):
        with self.refused(UserError, WITHOUT):
            door()

    def test_every_way_to_confirm(self):
        order = self._order()
        orders = self.env["sale.order"].with_user(self.manager)
        for door in (
            order.action_confirm,
            lambda: order.write({"state": "sale"}),
            lambda: order.web_save({"state": "sale"}, {}),
            lambda: order.with_context(nka_without_deal=True).action_confirm(),
            lambda: order.with_user(self.supervisor).action_confirm(),
            lambda: order.sudo().action_confirm(),
            lambda: orders.create({"partner_id": self.client.id, "state": "sale"}),
        ):
            self._refused(door)
        self.assertEqual(order.state, "draft")
        order.action_quotation_sent()
        self.assertEqual(order.state, "sent")

    def test_refusal_names_the_manager(self):
        with self.refused(UserError, "ask nka_manager"):
            self._order(user=self.salesman).action_confirm()

    def test_another_client_s_deal(self):
        order = self._order(self._new_lead(self.free_client))
        self._refused(order.action_confirm)

    def test_deal_removed_after_confirmation(self):
        order = self._order(self.lead)
        order.action_confirm()
        self._refused(lambda: order.write({"opportunity_id": False}))
        strange = self._new_lead(self.free_client)
        self._refused(lambda: order.write({"opportunity_id": strange.id}))
        with self.refused(UserError, "Link the order to another deal"):
            self.lead.with_user(self.supervisor).sudo().unlink()
        self.assertEqual(order.opportunity_id, self.lead)

    def test_client_changed_after_confirmation(self):
        order = self._order(client=self.free_client)
        order.action_confirm()
        self._refused(lambda: order.write({"partner_id": self.client.id}))
        self._refused(lambda: order.write({"partner_invoice_id": self.director.id}))

    def test_contact_moved_below_the_client(self):
        """A manager can't move the contact; a supervisor can, and it is reported."""
        person = self._person()
        order = self._order(client=person)
        order.action_confirm()
        with self.refused((UserError, AccessError)):
            person.with_user(self.manager).parent_id = self.client
        person.with_user(self.supervisor).parent_id = self.client
        self.assertTrue(self._told(order))

    def test_client_can_neither_sign_nor_pay(self):
        order = self._order()
        order.require_signature = order.require_payment = True
        order.action_quotation_sent()
        self.assertFalse(order._has_to_be_signed())
        self.assertFalse(order._has_to_be_paid())
        order.opportunity_id = self.lead
        self.assertTrue(order._has_to_be_signed())

    def _method(self):
        methods = self.env["payment.method"].sudo().with_context(active_test=False)
        return methods.search([], limit=1)

    def test_incoming_payment_does_not_confirm(self):
        order = self._order()
        order.action_quotation_sent()
        provider = self.env["payment.provider"].sudo().search([], limit=1)
        payment = self.env["payment.transaction"].sudo()
        payment = payment.create(
            {
                "provider_id": provider.id,
                "payment_method_id": self._method().id,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "reference": "nka-1",
                "sale_order_ids": [Command.set(order.ids)],
            }
        )
        payment._check_amount_and_confirm_order()
        self.assertEqual(order.state, "sent")
        self.assertIn(
            "not linked to a deal", self._activities(order).mapped("summary")[0]
        )


@tagged("nka_deals")
class TestOff(WithoutDealCase):
    choice = "off"

    def test_nothing_is_reported(self):
        order = self._order()
        order.action_confirm()
        person = self._person()
        moved = self._order(client=person)
        moved.action_confirm()
        person.with_user(self.supervisor).parent_id = self.client
        self.assertFalse(self._told(order | moved))
        self.assertFalse(self._events(order))
