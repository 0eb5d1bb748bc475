"""Ground of the tests about orders: real orders, invoiced alone or together."""

from datetime import date, timedelta

from odoo import Command

from .common import YEAR_START, LedgerCase

MARCH, APRIL = date(2025, 3, 10), date(2025, 4, 10)
FIRST_OF_APRIL = date(2025, 4, 1)


class OrdersCase(LedgerCase):
    """The account is handed over on 1 April; both managers are paid alike."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._accepted(cls.other_employee, date_from=YEAR_START)
        # Rebates are no subject here.
        cls.account.tier_id.discount_limit = 100
        cls.product = cls._new_product("Machine")
        cls.account.assignment_ids._unlocked().write(
            {"date_to": FIRST_OF_APRIL - timedelta(1)}
        )
        cls.env["nka.assignment"]._unlocked().create(
            {
                "key_account_id": cls.account.id,
                "user_id": cls.colleague.id,
                "date_from": FIRST_OF_APRIL,
            }
        )

    @classmethod
    def _new_product(cls, name, **vals):
        return cls.env["product.product"].create(
            {"name": name, "type": "service", "invoice_policy": "order", **vals}
        )

    @classmethod
    def _quotation(cls, *prices, client=None, **vals):
        lines = [
            {"product_id": cls.product.id, "price_unit": price, "tax_ids": []}
            for price in prices
        ]
        return cls.env["sale.order"].create(
            {
                "partner_id": (client or cls.client).id,
                "order_line": [Command.create(line) for line in lines],
                **vals,
            }
        )

    @classmethod
    def _order(cls, day, *prices, **vals):
        """An order confirmed on a day."""
        order = cls._quotation(*prices, **vals)
        order.action_confirm()
        order.date_order = day
        return order

    @classmethod
    def _bill(cls, orders, day=APRIL, post=True, **vals):
        """One invoice of all these orders."""
        move = orders._create_invoices()
        move.write({"invoice_date": day, **vals})
        if post:
            move.action_post()
        return move

    def _both(self, first, second):
        """Credits of the manager, then of the colleague; as text, months as they are."""
        self.assertCredits(first, self.manager)
        self.assertCredits(second, self.colleague)

    def assertNothingMissed(self):
        """A build of everything finds nothing that the one before it left out."""
        self._build()
        self.assertEqual(self._build(is_full=True), 0)
