"""Price lists that a supervisor approved for a client count as its prices, not as a
discount.
"""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import new_user
from .common import DealsCase


@tagged("nka_discount")
class TestContractPrices(DealsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tier.discount_limit = 10
        cls.pricelist = cls.env["product.pricelist"].create(
            {
                "name": "Frame contract",
                "item_ids": [
                    Command.create({"compute_price": "percentage", "percent_price": 30})
                ],
            }
        )
        cls.boss = new_user(cls.env, "nka_boss", "sales_team.group_sale_manager")

    def _approve(self, **vals):
        account = self.account.with_user(self.supervisor)
        account.write(
            vals or {"contract_pricelist_ids": [Command.set(self.pricelist.ids)]}
        )

    def _priced(self, price=700, **line):
        return self._quote(price_unit=price, **line)

    def _order(self, price=700):
        order = self._priced(price)
        order.pricelist_id = self.pricelist
        return order

    def test_approved_price_list_is_no_discount(self):
        self.assertEqual(self._order().nka_discount_state, "needed")
        self._approve()
        order = self._order()
        self.assertEqual((order.nka_discount, order.nka_discount_state), (0, "free"))
        order.action_confirm()
        # Below the contract price only the difference counts as a discount.
        self.assertEqual(self._order(595).nka_discount, 15)

    def test_other_price_list_is_a_discount(self):
        self._approve()
        order = self._priced()
        order.pricelist_id = self.pricelist.copy()
        self.assertEqual(order.nka_discount_state, "needed")

    def test_free_product(self):
        self._approve(free_product_ids=[Command.set(self.film_roll.ids)])
        order = self._priced(1000)
        free = {"product_id": self.film_roll.id, "price_unit": 0}
        order.order_line = [Command.create(free)]
        self.assertEqual(order.nka_discount_state, "free")
        order.order_line = [
            Command.create({"product_id": self.wrapper.id, "price_unit": 0})
        ]
        self.assertEqual(order.nka_discount_state, "needed")

    def test_approvers(self):
        vals = {"contract_pricelist_ids": [Command.set(self.pricelist.ids)]}
        with self.refused(AccessError, "Ask nka_super"):
            self.account.with_user(self.manager).write(vals)
        with self.refused(AccessError):
            self.account.with_user(self.salesman).write(vals)
        self._approve()
        event = self._events(self.account, "contract_prices")
        self.assertIn("Frame contract", event.new)
        self.assertEqual(event.user_id, self.supervisor)

    def test_changed_price_list_needs_a_new_approval(self):
        self._approve()
        self.pricelist.item_ids.with_user(self.boss).percent_price = 90
        self.assertFalse(self.account.contract_pricelist_ids)
        self.assertEqual(self._order(100).nka_discount_state, "needed")
        event = self._events(self.account, "contract_prices")[-1]
        self.assertEqual(event.user_id, self.boss)
        self.assertFalse(event.new)
        todo = self.account.activity_ids.filtered(
            lambda row: "price list" in row.summary
        )
        self.assertIn(todo.user_id, self.supervisor | self.supervisor_2)

    def test_withdrawing_an_approval_needs_no_supervisor(self):
        """Users who work with the account can always withdraw an approval."""
        self._approve()
        self.account.with_user(self.manager).contract_pricelist_ids = False
        self.assertFalse(self.account.contract_pricelist_ids)

    def test_price_list_based_on_another(self):
        self.pricelist.item_ids = [
            Command.create(
                {
                    "compute_price": "formula",
                    "base": "pricelist",
                    "base_pricelist_id": self.pricelist.copy().id,
                }
            )
        ]
        with self.refused(UserError, "its own prices"):
            self._approve()
