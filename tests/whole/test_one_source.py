"""Every figure about the same sales has the same value, wherever it is shown."""

from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import Command
from odoo.addons.nka_key_accounts.models.pay.measurement import Span
from odoo.tests import tagged

from ..ledger.common import YEAR_START, LedgerCase


@tagged("nka_facts")
class TestOneSource(LedgerCase):
    """Two invoices (one in foreign currency), a receipt and a credit note: 1,400."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.day = cls.today - relativedelta(days=40)
        cls.contact = cls.env["res.partner"].create(
            {"name": "Anna Berg", "parent_id": cls.client.id}
        )
        cls.product = cls.env["product.product"].create(
            {"name": "Film", "taxes_id": False}
        )
        cls.invoice = cls._sell(1000)
        cls.receipt = cls._sell(500, cls.contact, move_type="out_receipt")
        cls.foreign = cls._sell(100, currency_id=cls._currency().id)
        cls.note = cls._credit_note(cls.invoice, cls.day, 300)
        cls.expected = 1400
        cls._sell(9000).button_draft()
        cls._sell(7000, cls.other_client)
        cls._pay(cls._sell(3, day=YEAR_START), 3, YEAR_START)

    @classmethod
    def _currency(cls):
        """Return a foreign currency; one unit is worth two of the company currency."""
        codes = ("EUR", "CHF")
        found = [cls.env.ref(f"base.{code}") for code in codes]
        [currency, *_rest] = [one for one in found if one != cls.company.currency_id]
        currency.active = True
        currency.rate_ids.unlink()
        rate = {"currency_id": currency.id, "rate": 0.5, "name": "2020-01-01"}
        cls.env["res.currency.rate"].create(rate)
        return currency

    @classmethod
    def _sell(cls, amount, client=None, day=None, **vals):
        line = {"product_id": cls.product.id, "price_unit": amount, "tax_ids": []}
        return cls._new_invoice(
            client or cls.client,
            amount,
            date=day or cls.day,
            invoice_line_ids=[Command.create(line)],
            **vals,
        )

    @property
    def _span(self):
        return Span(self.company, self.day, self.day)

    # ------------------------------------------------------------ figures
    def test_figure_of_the_account_and_the_invoices_it_opens(self):
        self.assertEqual(self.account.trailing_revenue, self.expected)
        opened = self.env["account.move"].search(
            self.account.action_open_invoices()["domain"]
        )
        self.assertEqual(opened, self.invoice + self.receipt + self.foreign + self.note)

    def test_history(self):
        history = self.env["nka.sales.history"]
        history._refresh(self.company)
        rows = history.search(
            [
                ("key_account_id", "=", self.account.id),
                ("month", "=", self.day.replace(day=1)),
            ]
        )
        self.assertEqual(sum(rows.mapped("invoiced_amount")), self.expected)
        self.assertEqual(sum(rows.mapped("invoice_count")), 3)
        opened = self.env["account.move"].search(
            rows[0].action_open_invoices()["domain"]
        )
        self.assertEqual(sum(opened.mapped("amount_untaxed_signed")), self.expected)

    def test_whitespace(self):
        lines = self.env["nka.whitespace.line"]
        lines._fill(self.account)
        ours = self.account.whitespace_line_ids
        self.assertEqual(sum(ours.mapped("spend")), self.expected)
        opened = self.env["account.move.line"].search(
            ours[0].action_open_invoices()["domain"]
        )
        self.assertEqual(-sum(opened.mapped("balance")), self.expected)

    def test_objective_of_a_plan(self):
        objectives = self.env["nka.account.plan.objective"]
        key = (self.account.id, self.day.year)
        found = objectives._measure_accounts("revenue", {key})
        self.assertEqual(found[key], self.expected)

    def test_average_sale_value(self):
        found = self._kpi("average_check")._measure(self.manager, self._span)
        actual = found[self.manager.id].actual
        self.assertEqual(actual, Decimal("466.6667"))

    def test_qualification(self):
        draft = self.env["nka.qualification"].create(
            {"key_account_id": self.account.id}
        )
        self.assertEqual(draft.trailing_revenue, self.expected)
        self.assertEqual(draft.open_amount, self.expected)
        self._pay(self.receipt, 500, self.day)
        draft = self.env["nka.qualification"].create(
            {"key_account_id": self.account.id}
        )
        self.assertEqual(draft.open_amount, self.expected - 500)
        self.assertEqual(draft.paid_count, 1, "a credit note isn't a payment")

    def test_commitment(self):
        promise = self.env["nka.commitment"].create(
            {
                "key_account_id": self.account.id,
                "text": "1,000 a year",
                "kind": "volume",
                "promised_value": 1000,
                "value_unit": "amount",
                "date_agreed": self.day,
                "promised_date": self.today,
            }
        )
        self.assertEqual(promise.fact_value, self.expected)

    def test_credit(self):
        for move, amount in ((self.invoice, 700), (self.receipt, 500)):
            self._pay(move, amount, self.day)
        self._pay(self.foreign, 100, self.day, currency_id=self.foreign.currency_id.id)
        self._build()
        self.assertEqual(self._credited(self.day.replace(day=1)), self.expected)

    def test_overdue_and_expected_payments(self):
        """The receipt is among the overdue sales and the expected payments."""
        self.assertIn(self.receipt, self.account._overdue_invoices())
        self.assertEqual(self.account.overdue_amount, self.expected)
        forecast = self.env["nka.pay.forecast"].sudo()
        shares = forecast._shares(self.manager, self.company)
        rows = forecast._unpaid_lines(shares, self.company)
        self.assertEqual(sum(row["amount"] for row in rows), self.expected)

    # ------------------------------------------------------------ ownership
    def test_invoices_of_a_contact_added_to_the_client(self):
        """Odoo moves the invoices to the client, but earlier ones don't count."""
        person = self.env["res.partner"].create({"name": "Per Lind"})
        more = self._sell(5000, person)
        person.parent_id = self.client
        self.env.flush_all()
        self.assertEqual(more.commercial_partner_id, self.client)
        self.assertEqual(self.account.trailing_revenue, 1400)
        history = self.env["nka.sales.history"]
        history._refresh(self.company)
        rows = history.search([("key_account_id", "=", self.account.id)])
        self.assertEqual(sum(rows.mapped("invoiced_amount")), 1403)
        self.env["nka.whitespace.line"]._fill(self.account)
        self.assertEqual(sum(self.account.whitespace_line_ids.mapped("spend")), 1400)
        found = self._kpi("average_check")._measure(self.manager, self._span)
        self.assertAlmostEqual(float(found[self.manager.id].actual), 1400 / 3, 3)
