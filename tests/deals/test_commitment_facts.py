"""Check commitments against accounting, and create commitments from order terms."""

import random

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DealsCase


@tagged("nka_market")
class TestCommitmentFacts(DealsCase):
    """The accounting figure of a commitment, for each kind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create(
            {"name": "Film", "list_price": 10, "taxes_id": False}
        )

    def _old_promise(self, **vals):
        return self._promise(
            **{
                "date_agreed": self.today - self._days(100),
                "promised_date": self.today + self._days(100),
                **vals,
            }
        )

    def _sell(self, price, quantity=1, days=10, move_type="out_invoice"):
        line = {
            "product_id": self.product.id,
            "price_unit": price,
            "quantity": quantity,
            "tax_ids": [],
        }
        move = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": self.client.id,
                "invoice_date": self.today - self._days(days),
                "invoice_line_ids": [Command.create(line)],
            }
        )
        move.action_post()
        return move

    def _verdict(self, commitment):
        commitment.invalidate_recordset()
        return commitment.fact_verdict, round(commitment.fact_value, 2)

    def test_price(self):
        promise = self._old_promise(
            kind="price", promised_value=10, product_id=self.product.id
        )
        self.assertEqual(self._verdict(promise), (False, 0))
        self._sell(10, 3)
        self.assertEqual(self._verdict(promise), ("met", 10))
        self._sell(12, 2)
        self.assertEqual(self._verdict(promise), ("broken", 12))
        self.assertIn("invoice lines: 2", promise.fact_note)

    def test_price_of_a_line_rounded_to_whole_units(self):
        """Three pieces at 10.5 are invoiced as 32, where the currency has no decimals."""
        promise = self._old_promise(
            kind="price", promised_value=10.5, product_id=self.product.id
        )
        self.env.company.currency_id.rounding = 1
        self._sell(10.5, 3)
        self.assertEqual(self._verdict(promise), ("met", 10.67))
        self._sell(11.1, 1000)
        self.assertEqual(self._verdict(promise), ("broken", 11.1))

    def test_volume_counts_credit_notes_and_the_period(self):
        promise = self._old_promise(kind="volume", promised_value=1000)
        self._sell(100, 8)
        self._sell(100, 3, days=200)
        self.assertEqual(self._verdict(promise), ("running", 800))
        self._sell(100, 5)
        self.assertEqual(self._verdict(promise), ("met", 1300))
        self._sell(100, 4, move_type="out_refund")
        self.assertEqual(self._verdict(promise), ("running", 900))
        promise.promised_date = self.today - self._days(1)
        self.assertEqual(self._verdict(promise), ("broken", 900))

    def test_volume_in_pieces(self):
        promise = self._old_promise(
            kind="volume",
            promised_value=10,
            value_unit="quantity",
            product_id=self.product.id,
        )
        self._sell(100, 12)
        self._new_invoice(self.client, 5000)
        self._sell(100, 1, move_type="out_refund")
        self.assertEqual(self._verdict(promise), ("met", 11))

    def test_payment(self):
        promise = self._old_promise(kind="payment", promised_value=30)
        first = self._sell(100, days=60)
        self._sell(100, days=20)
        self.assertEqual(self._verdict(promise), ("broken", 60))
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=first.ids
        ).create({"payment_date": self.today - self._days(35)})._create_payments()
        self.assertEqual(self._verdict(promise), ("met", 25))

    def test_delivery_of_the_order(self):
        order = self._order(4)
        promise = self._old_promise(order_id=order.id)
        self.assertEqual(self._verdict(promise), ("running", 0))
        order.order_line.qty_delivered = 3
        self.assertEqual(self._verdict(promise), ("running", 75))
        promise.promised_date = self.today - self._days(1)
        self.assertEqual(self._verdict(promise), ("broken", 75))
        order.order_line.qty_delivered = 4
        self.assertEqual(self._verdict(promise), ("met", 100))

    def test_only_invoices_of_the_order_count(self):
        order = self._order(4)
        promise = self._old_promise(kind="volume", promised_value=40, order_id=order.id)
        self._sell(10, 100)
        self.assertEqual(self._verdict(promise), (False, 0))
        order.order_line.qty_delivered = 4
        order._create_invoices().action_post()
        self.assertEqual(self._verdict(promise), ("met", 40))

    def test_query_count_is_constant(self):
        kinds = ("price", "volume", "payment", "delivery", "service")
        items = self.env["nka.commitment"].concat(
            *(self._old_promise(kind=kind) for kind in kinds * 8)
        )
        few = self._queries(lambda: items[:5].mapped("fact_verdict"))
        many = self._queries(lambda: items.mapped("fact_verdict"))
        self.assertLessEqual(many, few)

    def _order(self, quantity, **vals):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "opportunity_id": self.lead.id,
                "order_line": [
                    Command.create(
                        {"product_id": self.product.id, "product_uom_qty": quantity}
                    )
                ],
                **vals,
            }
        )
        order.action_confirm()
        return order

    # ------------------------------------------------------------ terms
    def test_terms_of_a_won_quotation(self):
        lead = self.lead.with_user(self.manager)
        self.assertFalse(lead.has_untaken_terms)
        with self.assertRaisesRegex(UserError, "no terms"):
            lead.action_take_terms()
        term = self.env.ref("account.account_payment_term_30days")
        order = self._order(
            4, payment_term_id=term.id, commitment_date=self.today + self._days(9)
        )
        lead.invalidate_recordset()
        self.assertTrue(lead.has_untaken_terms)
        action = lead.action_take_terms()
        terms = lead.commitment_ids
        self.assertEqual(action["res_model"], "nka.commitment")
        self.assertEqual(
            sorted(terms.mapped("kind")), ["delivery", "payment", "price", "volume"]
        )
        self.assertEqual(set(terms.mapped("state")), {"proposed"})
        self.assertEqual(
            self._events(terms[0], "state").mapped("new"), ["open", "proposed"]
        )
        self.assertEqual(terms.order_id, order)
        by_kind = {item.kind: item for item in terms}
        self.assertEqual(by_kind["price"].promised_value, 10)
        self.assertEqual(by_kind["volume"].promised_value, 40)
        self.assertEqual(by_kind["payment"].promised_value, 30)
        self.assertEqual(by_kind["delivery"].promised_date, self.today + self._days(9))
        by_kind["price"].action_accept()
        lead.invalidate_recordset()
        self.assertFalse(lead.has_untaken_terms)
        with self.assertRaises(UserError):
            lead.action_take_terms()

    def test_deputy_can_add_terms_and_stranger_cannot(self):
        self._order(2)
        self.lead.with_user(self.deputy).action_take_terms()
        self.assertEqual(
            set(self.lead.sudo().commitment_ids.mapped("state")), {"proposed"}
        )
        with self.assertRaises(AccessError):
            self.lead.with_user(self.colleague).action_take_terms()

    def test_confirming_other_orders_costs_no_query(self):
        """Confirming an order without a key account runs none of the addon's queries."""
        model = type(self.env["sale.order"])
        ours = [
            base
            for base in model.mro()
            if "nka_key_accounts" in base.__module__ and "action_confirm" in vars(base)
        ]
        self.assertFalse(ours)


@tagged("nka_market")
class TestContradicted(DealsCase):
    """The nightly job finds what the screen shows as not on track."""

    def test_random_payments(self):
        chance = random.Random(20261130)
        promises = self.env["nka.commitment"]
        for days in (-1, 0, 5, 20, 45):
            promises |= self._promise(
                kind="payment",
                promised_value=days,
                promised_date=False,
                date_agreed=self.today - self._days(60),
            )
        for _round in range(6):
            ago = chance.choice([70, 50, 46, 45, 21, 20, 5, 0, -3])
            day = self.today - self._days(ago)
            invoice = self._new_invoice(self.client, 100, day)
            if chance.random() < 0.7:
                # Also later than today: such a payment is already known to be late.
                paid = day + self._days(chance.choice([0, 5, 6, 21, 80]))
                self.env["account.payment.register"].with_context(
                    active_model="account.move", active_ids=invoice.ids
                ).create({"payment_date": paid})._create_payments()
            promises.invalidate_recordset()
            shown = promises.filtered(lambda item: item.fact_verdict == "broken")
            self.assertEqual(promises._search_contradicted() & promises, shown)
        self.assertTrue(shown)
        told = shown[0]
        told._raise_activities(
            "nka_key_accounts.mail_activity_type_commitment_due", {told.id: 1}
        )
        self.assertEqual(promises._search_contradicted() & promises, shown - told)

    def test_payment_entered_for_a_later_day(self):
        promise = self._promise(
            kind="payment",
            promised_value=30,
            promised_date=False,
            date_agreed=self.today - self._days(60),
        )
        invoice = self._new_invoice(self.client, 100, self.today - self._days(3))
        self.assertFalse(promise._search_contradicted() & promise)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"payment_date": self.today + self._days(40)})._create_payments()
        self.assertEqual(promise._search_contradicted() & promise, promise)

    def test_volume_waits_for_the_due_date(self):
        promise = self._promise(kind="volume", promised_value=1000)
        self._new_invoice(self.client, 10)
        promise.invalidate_recordset()
        self.assertEqual(promise.fact_verdict, "running")
        self.env["nka.commitment"]._cron_remind()
        self.assertFalse(self._activities(promise, "commitment_due"))
        promise.promised_date = self.today - self._days(1)
        self.env["nka.commitment"]._cron_remind()
        self.assertTrue(self._activities(promise, "commitment_due"))
