"""A discount above the limit is found in every way an order can grant it."""

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DealsCase

MORE = "above this client's limit"


@tagged("nka_discount")
class TestDiscountRoads(DealsCase):
    """The manager's own quotations, edited with their own login; the limit is 10 %."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tier.discount_limit = 10
        cls.env.company.nka_order_without_deal = "off"
        cls.free_client = cls._new_client("Free Foundry")
        cls.rebate = cls.env["product.product"].create(
            {"name": "Rebate", "list_price": 0, "type": "service", "taxes_id": []}
        )

    def _assert_held_back(self, order):
        self.assertIn(order.nka_discount_state, ("needed", "asked"))
        with self.refused(UserError, MORE):
            order.action_confirm()
        with self.refused(UserError, MORE):
            order.write({"state": "sale"})
        with self.refused(UserError, MORE):
            order.action_quotation_sent()

    def _line(self, product=None, **vals):
        product = product or self.wrapper
        return Command.create({"product_id": product.id, "product_uom_qty": 1, **vals})

    # ------------------------------------------------------------ down payments
    def test_line_turned_into_a_down_payment_and_back(self):
        order = self._quote(50)
        order.order_line.is_downpayment = True
        self._assert_held_back(order)
        fair = self._quote(0)
        fair.action_confirm()
        for vals in (
            {"is_downpayment": True, "discount": 50},
            {"is_downpayment": True, "price_unit": 100},
        ):
            with self.refused(UserError, MORE):
                fair.order_line.write(vals)
        fair.order_line.is_downpayment = True
        with self.refused(UserError, MORE):
            fair.order_line.discount = 50

    def test_down_payment_without_a_product(self):
        order = self._quote(0)
        order.order_line = [
            Command.create(
                {
                    "name": "Paid already",
                    "is_downpayment": True,
                    "product_id": False,
                    "product_uom_qty": 1,
                    "price_unit": -400,
                }
            )
        ]
        self._assert_held_back(order)

    def test_real_down_payment_is_no_discount(self):
        order = self._quote(0)
        order.action_confirm()
        order = order.sudo()
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": order.ids,
                "advance_payment_method": "percentage",
                "amount": 30,
            }
        )
        wizard.create_invoices()
        self.assertEqual(order.nka_discount, 0)
        order.invoice_ids.with_env(self.env).action_post()
        order.with_env(self.env)._create_invoices(final=True).action_post()
        self.assertEqual(order.nka_discount, 0)

    # ------------------------------------------------------------ rebates
    def test_negative_lines(self):
        for line in (
            {"product": self.rebate, "price_unit": -200},
            {"product": self.rebate, "price_unit": 200, "product_uom_qty": -1},
            {"product": self.wrapper, "product_uom_qty": -1, "price_unit": 200},
        ):
            order = self._quote(0)
            order.order_line = [self._line(**line)]
            self._assert_held_back(order)

    def test_discounts_of_the_wizard(self):
        self.env.company.sale_discount_product_id = self.rebate
        for vals in (
            {"discount_type": "sol_discount", "discount_percentage": 0.2},
            {"discount_type": "so_discount", "discount_percentage": 0.2},
            {"discount_type": "amount", "discount_amount": 200},
        ):
            order = self._quote(0)
            wizard = self.env["sale.order.discount"].with_user(self.manager)
            wizard = wizard.create({"sale_order_id": order.id, **vals})
            wizard.action_apply_discount()
            self._assert_held_back(order)
            sold = self._quote(0)
            sold.action_confirm()
            wizard = wizard.create({"sale_order_id": sold.id, **vals})
            with self.refused(UserError, MORE):
                wizard.action_apply_discount()

    def test_rebate_of_a_later_delivery(self):
        order = self._quote(0)
        order.order_line = [self._line(self.rebate, price_unit=-200, product_uom_qty=0)]
        order.action_confirm()
        line = order.order_line.filtered(lambda row: row.product_id == self.rebate)
        with self.refused(UserError, MORE):
            line.qty_delivered = 3
        with self.refused(UserError, MORE):
            line.write({"product_uom_qty": 3, "price_unit": -200})

    # ------------------------------------------------------------ prices
    def test_price_below_the_list(self):
        order = self._quote(0)
        order.order_line.price_unit = 850
        self._assert_held_back(order)

    def test_product_with_another_price_list(self):
        cheap = self.env["product.pricelist"].create(
            {
                "name": "Cheap",
                "item_ids": [
                    Command.create(
                        {
                            "compute_price": "percentage",
                            "percent_price": 40,
                            "applied_on": "3_global",
                        }
                    )
                ],
            }
        )
        order = self._quote(0)
        order.pricelist_id = cheap
        order.action_update_prices()
        self._assert_held_back(order)
        sold = self._quote(0)
        sold.action_confirm()
        with self.refused(UserError, "pricelist of a confirmed order"):
            sold.pricelist_id = cheap

    def test_price_included_taxes(self):
        """A price of 1,000 that includes 25 % tax is an untaxed price of 800."""
        tax = self.env["account.tax"].create(
            {
                "name": "In it",
                "amount": 25,
                "price_include_override": "tax_included",
            }
        )
        order = self._quote(0)
        order.order_line.tax_ids = tax
        self.assertEqual(order.nka_discount, 20)
        self._assert_held_back(order)
        sold = self._quote(0)
        sold.action_confirm()
        with self.refused(UserError, MORE):
            sold.order_line.tax_ids = tax

    def test_another_currency(self):
        yen = self.env["res.currency"].create(
            {
                "name": "TYN",
                "symbol": "T",
                "rate_ids": [Command.create({"name": "2020-01-01", "rate": 150})],
            }
        )
        order = self._quote(0)
        with self.cr.savepoint():
            order.pricelist_id = self.env["product.pricelist"].create(
                {"name": "Yen", "currency_id": yen.id}
            )
            order.action_update_prices()
            self.assertEqual(order.nka_discount, 0)
            order.order_line.price_unit = 1000
            self._assert_held_back(order)

    def test_rate_change_after_confirmation(self):
        euro = self.env["res.currency"].create(
            {
                "name": "TEU",
                "symbol": "T",
                "rate_ids": [
                    Command.create({"name": "2020-01-01", "rate": 2}),
                    Command.create({"name": "2021-01-01", "rate": 1}),
                ],
            }
        )
        order = self._quote(0)
        order.pricelist_id = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id}
        )
        order.action_update_prices()
        order.action_confirm()
        with self.refused(UserError, MORE):
            order.date_order = "2020-06-01"
        # An order already above the limit isn't checked again when another field
        # changes.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order_line SET price_unit = 10 WHERE order_id = %s", [order.id]
        )
        self.env.invalidate_all()
        order.date_order = "2020-06-03"

    # ------------------------------------------------------------ quantities
    def test_no_quantity_yet(self):
        order = self._quote(60, product_uom_qty=0)
        self._assert_held_back(order)

    def test_line_moved_to_another_order(self):
        loose = self._quote(60, client=self.free_client)
        loose.action_confirm()
        sold = self._quote(0)
        sold.action_confirm()
        with self.refused(UserError):
            loose.order_line.order_id = sold

    def test_free_line_added(self):
        sold = self._quote(0)
        sold.action_confirm()
        with self.refused(UserError, MORE):
            sold.order_line = [self._line(price_unit=0)]

    # ------------------------------------------------------------ combinations
    def _combo(self):
        roll, wrapper = (
            self.env["product.combo"].create(
                {
                    "name": product.name,
                    "combo_item_ids": [Command.create({"product_id": product.id})],
                }
            )
            for product in (self.film_roll, self.wrapper)
        )
        product = self.env["product.product"].create(
            {
                "name": "Both",
                "type": "combo",
                "list_price": 1000,
                "taxes_id": [],
                "combo_ids": [Command.set((roll | wrapper).ids)],
            }
        )
        order = self.env["sale.order"].with_user(self.manager)
        order = order.create({"partner_id": self.client.id})
        head = self.env["sale.order.line"].create(
            {"order_id": order.id, "product_id": product.id, "product_uom_qty": 1}
        )
        for combo in roll | wrapper:
            self.env["sale.order.line"].create(
                {
                    "order_id": order.id,
                    "product_id": combo.combo_item_ids.product_id.id,
                    "product_uom_qty": 1,
                    "linked_line_id": head.id,
                    "combo_item_id": combo.combo_item_ids.id,
                }
            )
        return order

    def test_combination(self):
        """A combo is checked as one product: its main line costs nothing, its items
        share the price.
        """
        order = self._combo()
        self.assertAlmostEqual(sum(order.order_line.mapped("price_unit")), 1000)
        self.assertEqual(order.nka_discount, 0)
        order.order_line[-1].discount = 50
        self._assert_held_back(order)
        order.order_line[-1].discount = 0
        order.action_confirm()
        with self.refused(UserError, MORE):
            order.order_line[-1].price_unit = 10

    def test_section(self):
        order = self._quote(0)
        order.order_line = [
            Command.create({"display_type": "line_section", "name": "A"})
        ]
        order.action_confirm()
        self.assertEqual(order.nka_discount, 0)

    # ------------------------------------------------------------ the client of the order
    def test_client_after_the_confirmation(self):
        for fname in ("partner_id", "partner_invoice_id"):
            order = self._quote(40, client=self.free_client)
            order.action_confirm()
            with self.refused(UserError, MORE):
                order.write({fname: self.client.id})
            with self.refused(UserError, MORE):
                order.write({fname: self.director.id})

    def test_deal_assigned_to_the_client(self):
        deal = self._new_lead(self.free_client)
        order = self._quote(40, client=self.free_client)
        order.opportunity_id = deal
        order.action_confirm()
        with self.refused(UserError, MORE):
            deal.with_user(self.manager).partner_id = self.client
        self.assertEqual(deal.partner_id, self.free_client)

    def test_contact_moved_below_the_client(self):
        person = self.env["res.partner"].create({"name": "Buyer to be"})
        order = self._quote(40, client=person)
        order.action_confirm()
        with self.refused((UserError, AccessError)):
            person.with_user(self.manager).parent_id = self.client
        person.with_user(self.supervisor).parent_id = self.client
        event = self._events(order, "order_discount")
        self.assertIn("40", event.note)
        self.assertEqual(event.key_account_ref, self.account.id)
        activity = self._activities(order, "order_without_deal")
        self.assertEqual(activity.user_id, self.supervisor)
        self.assertEqual(order.state, "sale")

    # ------------------------------------------------------------ created as confirmed
    def test_created_as_confirmed(self):
        orders = self.env["sale.order"].with_user(self.manager)
        vals = {"partner_id": self.client.id, "order_line": [self._line(discount=40)]}
        for state in ("sent", "sale"):
            with self.refused(UserError, MORE):
                orders.create({**vals, "state": state})

    def test_approval_of_each_kind(self):
        """Approval can be requested for every kind of discount; it covers the requested
        percentage.
        """
        order = self._quote(0)
        order.order_line = [self._line(self.rebate, price_unit=-200)]
        order.action_nka_ask_discount(reason="Three years of volume")
        request = self.env["nka.discount.request"].search([("order_id", "=", order.id)])
        self.assertEqual((request.discount, request.given_amount), (20, 200))
        request.with_user(self.supervisor).action_approve()
        order.action_confirm()
        with self.refused(UserError, MORE):
            order.order_line.filtered(lambda row: row.price_unit < 0).price_unit = -300

    def test_refusal_names_the_approver(self):
        with self.refused(UserError, "once nka_super .* approves"):
            self._quote(50).action_confirm()


@tagged("nka_discount")
class TestInvoicesAsOrdered(DealsCase):
    """An invoice can't give a key account a larger discount than its orders or the
    limit.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tier.discount_limit = 10
        cls.env.company.nka_order_without_deal = "off"

    def _draft_invoice(self, discount=0.0, quantity=10, client=None):
        order = self._quote(discount, client, product_uom_qty=quantity)
        order.action_confirm()
        return order.sudo()._create_invoices()

    def _refused(self, move):
        with self.refused(UserError, "No invoice was posted"):
            move.action_post()
        self.assertEqual(move.state, "draft")

    def test_as_ordered(self):
        move = self._draft_invoice(10)
        move.action_post()
        self.assertEqual(move.state, "posted")

    def test_lower_price(self):
        for vals in ({"price_unit": 500}, {"discount": 50}):
            move = self._draft_invoice()
            move.invoice_line_ids.write(vals)
            self._refused(move)

    def test_rebate_on_the_invoice(self):
        move = self._draft_invoice()
        move.invoice_line_ids = [
            Command.create(
                {
                    "name": "Between us",
                    "quantity": 1,
                    "price_unit": -5000,
                    "tax_ids": [],
                }
            )
        ]
        self._refused(move)

    def test_included_tax(self):
        tax = self.env["account.tax"].create(
            {"name": "In it", "amount": 25, "price_include_override": "tax_included"}
        )
        move = self._draft_invoice()
        move.invoice_line_ids.tax_ids = tax
        self._refused(move)

    def test_within_the_limit(self):
        move = self._draft_invoice()
        move.invoice_line_ids.discount = 10
        move.action_post()
        self.assertEqual(move.state, "posted")

    def test_rebate_of_the_order_on_a_part(self):
        order = self._quote(0, product_uom_qty=10)
        rebate = self.env["product.product"].create(
            {"name": "Rebate", "list_price": 0, "type": "service", "taxes_id": []}
        )
        rebate.invoice_policy = "order"
        order.order_line = [
            Command.create(
                {"product_id": rebate.id, "product_uom_qty": 1, "price_unit": -900}
            )
        ]
        order.action_confirm()
        move = order.sudo()._create_invoices()
        move.invoice_line_ids.filtered(lambda row: row.price_unit > 0).quantity = 1
        move.invoice_line_ids[-1].price_unit = -900
        move.invoice_line_ids.filtered(lambda row: row.price_unit > 0).quantity = 2
        move.action_post()
        self.assertEqual(move.state, "posted")

    def test_other_clients_are_not_checked(self):
        move = self._draft_invoice(client=self.other_client)
        move.invoice_line_ids.discount = 90
        move.action_post()
        self.assertEqual(move.state, "posted")
        direct = self._new_invoice(self.client, 10, date=fields.Date.today())
        self.assertEqual(direct.state, "posted")
