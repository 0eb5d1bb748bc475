"""Commitments from orders with unusual lines, terms or units, checked against
accounting.
"""

from odoo import Command
from odoo.tests import tagged

from .common import DealsCase


@tagged("nka_market")
class TestOddOrders(DealsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Discount limits are tested elsewhere.
        cls.tier.discount_limit = 100

    def _order(self, *lines, **vals):
        """Return a confirmed order of the deal; each line is a dict, wrappers by
        default.
        """
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "opportunity_id": self.lead.id,
                "order_line": [
                    Command.create(
                        line
                        if line.get("display_type")
                        else {
                            "product_id": self.wrapper.id,
                            "product_uom_qty": 1,
                            **line,
                        }
                    )
                    for line in lines or [{}]
                ],
                **vals,
            }
        )
        order.action_confirm()
        return order

    def _terms(self, kind):
        deal = self.lead.with_user(self.manager)
        deal.action_take_terms()
        return deal.commitment_ids.filtered(lambda one: one.kind == kind)

    def _verdict(self, commitment):
        self.env.invalidate_all()
        return commitment.fact_verdict, round(commitment.fact_value, 2)

    def _invoice(self, order, days=0, **line):
        invoice = order._create_invoices()
        invoice.invoice_date = self.today - self._days(days)
        if line:
            invoice.invoice_line_ids[0].write(line)
        invoice.action_post()
        return invoice

    # ------------------------------------------------------------ lines
    def test_lines_without_a_promised_price(self):
        """Sections, notes, rebates and down payments promise no price; a free product
        does.
        """
        rebate = self.env["product.product"].create(
            {"name": "Rebate", "taxes_id": [], "type": "service"}
        )
        order = self._order(
            {"display_type": "line_section", "name": "Machines"},
            {"price_unit": 1000, "discount": 10},
            {"product_id": self.film_roll.id, "price_unit": 0},
            {"product_id": rebate.id, "price_unit": -50},
            {"display_type": "line_note", "name": "Without spare parts"},
        )
        order.order_line = [
            Command.create(
                {
                    "product_id": rebate.id,
                    "is_downpayment": True,
                    "product_uom_qty": 0,
                    "price_unit": 300,
                }
            )
        ]
        prices = self._terms("price")
        self.assertEqual(
            {one.product_id: one.promised_value for one in prices},
            {self.wrapper: 900, self.film_roll: 0},
        )
        gift = prices.filtered(lambda one: one.product_id == self.film_roll)
        self.assertIn("free of charge", gift.text)

    def test_amount_of_zero_is_no_volume(self):
        self._order({"price_unit": 0})
        self.assertFalse(self._terms("volume"))

    def test_one_product_at_two_prices(self):
        """Accounting knows the product only, so the higher price is the agreed one."""
        order = self._order(
            {"price_unit": 1000, "product_uom_qty": 2}, {"price_unit": 800}
        )
        price = self._terms("price")
        self.assertEqual(price.promised_value, 1000)
        self.assertIn("up to", price.text)
        self._invoice(order)
        self.assertEqual(self._verdict(price), ("met", 1000))

    def test_price_included_taxes(self):
        """Accounting figures are untaxed, and so is the commitment."""
        tax = self.env["account.tax"].create(
            {
                "name": "Included",
                "amount": 25,
                "amount_type": "percent",
                "price_include_override": "tax_included",
                "type_tax_use": "sale",
            }
        )
        order = self._order({"price_unit": 1250, "tax_ids": [Command.set(tax.ids)]})
        price = self._terms("price")
        self.assertEqual(price.promised_value, 1000)
        self._invoice(order, price_unit=1300)
        self.assertEqual(self._verdict(price), ("broken", 1040))

    def test_by_the_dozen(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self._order({"price_unit": 120, "product_uom_id": dozen.id})
        price = self._terms("price")
        self.assertEqual(price.promised_value, 10)
        self._invoice(order)
        self.assertEqual(self._verdict(price), ("met", 10))
        # Entered manually in the product's own unit, invoiced by the dozen.
        noted = self._promise(
            kind="price",
            product_id=self.wrapper.id,
            promised_value=10,
            date_agreed=self.today - self._days(5),
        )
        self.assertEqual(self._verdict(noted), ("met", 10))

    # ------------------------------------------------------------ payment
    def test_end_of_month_terms(self):
        """A payment within the longest period the term allows isn't late, whatever the
        invoice date.
        """
        term = self.env["account.payment.term"].create(
            {
                "name": "End of the month",
                "line_ids": [
                    Command.create(
                        {
                            "value": "percent",
                            "value_amount": 100,
                            "delay_type": "days_after_end_of_month",
                            "nb_days": 10,
                        }
                    )
                ],
            }
        )
        order = self._order(payment_term_id=term.id)
        payment = self._terms("payment")
        self.assertEqual(payment.promised_value, 40)
        self._invoice(order, days=39)
        self.assertEqual(self._verdict(payment), ("met", 39))

    def test_payment_is_due_after_delivery(self):
        term = self.env.ref("account.account_payment_term_30days")
        self._order(
            payment_term_id=term.id, commitment_date=self.today + self._days(60)
        )
        self.assertEqual(
            self._terms("payment").promised_date, self.today + self._days(90)
        )

    # ------------------------------------------------------------ delivery
    def test_rebate_is_never_delivered(self):
        """A service beside goods isn't delivered either; alone on an order it is."""
        rebate, visit = self.env["product.product"].create(
            [
                {"name": name, "taxes_id": [], "type": "service"}
                for name in ("Rebate", "Visit")
            ]
        )
        day = self.today - self._days(1)
        order = self._order(
            {"product_uom_qty": 2},
            {"product_id": rebate.id, "price_unit": -50},
            {"product_id": visit.id, "price_unit": 10},
            commitment_date=day,
        )
        delivery = self._terms("delivery")
        order.order_line[0].qty_delivered = 2
        self.assertEqual(self._verdict(delivery), ("met", 100))
        alone = self._order({"product_id": visit.id, "price_unit": 10})
        promise = self._promise(
            lead_id=self.lead.id, order_id=alone.id, promised_date=day
        )
        self.assertEqual(self._verdict(promise), ("broken", 0))

    # ------------------------------------------------------------ currency
    def test_changed_rate_breaks_no_commitment(self):
        euro = self.env.ref("base.EUR")
        if self.env.company.currency_id == euro:
            euro = self.env.ref("base.USD")
        euro.active = True
        euro.rate_ids.unlink()
        for days, rate in ((30, 0.5), (10, 0.4)):
            self.env["res.currency.rate"].create(
                {
                    "currency_id": euro.id,
                    "name": self.today - self._days(days),
                    "rate": rate,
                    "company_id": self.env.company.id,
                }
            )
        prices = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": euro.id}
        )
        order = self._order({"price_unit": 1000}, pricelist_id=prices.id)
        order.date_order = order.date_order - self._days(20)
        self.assertEqual(order.currency_rate, 0.5)
        price, volume = (
            self._terms("price"),
            self.lead.commitment_ids.filtered(lambda one: one.kind == "volume"),
        )
        self.assertEqual((price.promised_value, volume.promised_value), (2000, 2000))
        invoice = self._invoice(order)
        self.assertEqual(invoice.amount_untaxed_signed, 2500)
        self.assertEqual(self._verdict(price), ("met", 2000))
        self.assertEqual(self._verdict(volume), ("met", 2000))

    # ------------------------------------------------------------ reset and cancelled
    def test_invoice_reset_to_draft_does_not_count(self):
        order = self._order({"price_unit": 1000})
        price = self._terms("price")
        payment = self._promise(
            kind="payment", promised_value=30, order_id=order.id, lead_id=self.lead.id
        )
        wrong = self._invoice(order, days=50, price_unit=1200)
        self.assertEqual(self._verdict(price), ("broken", 1200))
        self.assertEqual(self._verdict(payment), ("broken", 50))
        wrong._reverse_moves(
            [{"invoice_date": self.today, "date": self.today}], cancel=True
        )
        self.assertEqual(wrong.payment_state, "reversed")
        self.assertEqual(self._verdict(price), (False, 0))
        self.assertEqual(self._verdict(payment), (False, 0))

    def test_cancelled_order_owes_nothing(self):
        """The accounting check says that the order was cancelled instead of reporting a
        late delivery.
        """
        order = self._order(commitment_date=self.today - self._days(1))
        delivery = self._terms("delivery")
        delivery.action_accept()
        self.assertEqual(self._verdict(delivery), ("broken", 0))
        order._action_cancel()
        self.assertEqual(self._verdict(delivery), (False, 0))
        self.assertIn("cancelled", delivery.fact_note)
