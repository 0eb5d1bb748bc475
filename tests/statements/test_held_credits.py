"""Credits that wait until the documents of their deal are approved."""

import base64
from datetime import date

from psycopg2.errors import RestrictViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from ..documents.common import PDF
from ..ledger.common import OrdersCase
from .common import StatementCase

MARCH, APRIL, MAY, JULY, AUGUST = (date(2025, n, 1) for n in (3, 4, 5, 7, 8))


class HeldCase(StatementCase):
    """Credits wait for contract and acceptance act of the deal."""

    BASIS = "invoiced"

    @classmethod
    def setUpClass(cls):
        cls.types = None
        super().setUpClass()
        cls.account.tier_id.discount_limit = 100
        cls.product = cls._new_product("Machine")
        cls.lead = cls._new_deal()

    @classmethod
    def _approved_version(cls, date_start, plan=None, **vals):
        if not cls.types:
            cls.types = cls.env["nka.document.type"].create(
                [
                    {"name": "Contract of test", "code": "T-C", "review_days": 2},
                    {"name": "Act of test", "code": "T-A", "review_days": 2},
                ]
            )
        vals.setdefault("release_document_type_ids", [Command.set(cls.types.ids)])
        return super()._approved_version(date_start, plan, **vals)

    _new_product = classmethod(OrdersCase._new_product.__func__)
    _quotation = classmethod(OrdersCase._quotation.__func__)
    _order = classmethod(OrdersCase._order.__func__)
    _bill = classmethod(OrdersCase._bill.__func__)

    @classmethod
    def _new_deal(cls, **vals):
        return cls.env["crm.lead"].create(
            {
                "name": "Deal",
                "type": "opportunity",
                "partner_id": cls.client.id,
                "user_id": cls.manager.id,
                **vals,
            }
        )

    @classmethod
    def _sold(cls, month, amount=1000000, lead=None, **vals):
        """Invoice an order of a deal in a month."""
        lead = cls.lead if lead is None else lead
        order = cls._order(month.replace(day=3), amount, opportunity_id=lead.id, **vals)
        day = month.replace(day=5)
        return cls._bill(order, day, invoice_date_due=day)

    @classmethod
    def _approve(cls, *types, lead=None, **vals):
        """Submit a document of each type and have the supervisor approve it."""
        documents = cls.env["nka.document"]
        for kind in types or cls.types:
            about = {"lead_id": (lead or cls.lead).id, "type_id": kind.id, **vals}
            document = documents.with_user(cls.manager).create(about)
            document.env["ir.attachment"].create(
                {
                    "name": f"{kind.code}.pdf",
                    "datas": base64.b64encode(PDF + kind.code.encode()),
                    "res_model": document._name,
                    "res_id": document.id,
                }
            )
            document.action_submit()
            reviewed = document.with_user(cls.supervisor)
            reviewed.check_ids.is_done = True
            reviewed.action_approve()
            documents |= document
        return documents

    @classmethod
    def _closed(cls, month):
        statement = cls._calculate(month)
        assert statement.state == "calculated", statement.exception
        cls._close(statement)
        cls._age()
        return statement

    def _lines_of(self, statement, kind):
        return statement.line_ids.filtered(lambda row: row.kind == kind)


class TestHeldCredits(HeldCase):
    def test_held_until_all_documents_are_approved_and_released_once(self):
        invoice = self._sold(MARCH)
        march = self._closed(MARCH)
        self.assertEqual(
            (march.credit_amount, march.bonus_amount, march.held_credits),
            (0, 0, 1000000),
        )
        line = self._lines_of(march, "credit_held")
        self.assertIn("Contract of test, Act of test", line.formula)
        self.assertIn(invoice.name, line.formula)
        self.assertIn("1,000,000.00", line.formula)
        self.assertIn("are held until", self._lines_of(march, "bonus").reason)
        self._approve(self.types[0])
        april = self._closed(APRIL)
        line = self._lines_of(april, "credit_held")
        self.assertNotIn("Contract", line.formula)
        self.assertIn("Act of test", line.formula)
        self.assertIn("03.2025", line.label)
        self._approve(self.types[1])
        may = self._closed(MAY)
        self.assertEqual(
            (may.credit_amount, may.bonus_amount, may.held_credits), (1000000, 50000, 0)
        )
        released = self._lines_of(may, "credit_released").formula
        self.assertIn("approved now", released)
        self.assertIn(invoice.name, released)
        bonus = self._lines_of(may, "bonus")
        ledger = self.env["nka.bonus.line"].browse(bonus.res_ids)
        self.assertEqual((ledger.amount, ledger.date.month), (1000000, 3))
        june = self._calculate(date(2025, 6, 1))
        self.assertEqual((june.credit_amount, june.half_year_credits), (0, 1000000))

    def test_no_adjustment_of_the_closed_month_once_released(self):
        """A later month counts it, so the closed one isn't proposed to be adjusted."""
        self._sold(MARCH)
        march = self._closed(MARCH)
        self._approve()
        corrections = self.env["nka.pay.correction"].with_user(self.officer)
        self.assertFalse(corrections._propose(march))
        april = self._closed(APRIL)
        self.assertEqual(april.bonus_amount, 50000)
        self.assertFalse(corrections._propose(march | april))

    def test_approved_in_time_counts_as_usual(self):
        self._approve()
        self._sold(MARCH)
        march = self._calculate(MARCH)
        self.assertEqual((march.credit_amount, march.held_credits), (1000000, 0))
        self.assertFalse(self._lines_of(march, "credit_released"))

    def test_other_deals_dont_wait(self):
        other = self._new_deal(name="Second")
        self._approve(lead=other)
        self._sold(MARCH, 300000)
        self._sold(MARCH, 700000, lead=other)
        march = self._calculate(MARCH)
        self.assertEqual((march.credit_amount, march.held_credits), (700000, 300000))

    def test_the_next_half_year_pays_at_its_own_rate(self):
        self._sold(MARCH)
        self._closed(MARCH)
        self._approve()
        july = self._calculate(JULY)
        self.assertEqual((july.credit_amount, july.half_year_credits), (1000000,) * 2)

    def test_a_reversal_waits_with_its_credit(self):
        invoice = self._sold(MARCH)
        self._closed(MARCH)
        self._credit_note(invoice, APRIL.replace(day=5))
        april = self._calculate(APRIL)
        self.assertEqual((april.credit_amount, april.held_credits), (0, 0))
        self.assertFalse(self._lines_of(april, "credit_held"))
        self.assertEqual(april.balance, 0)
        line = self._lines_of(april, "credit_released")
        self.assertIn("reversed now", line.formula)
        self.assertNotIn("approved", line.formula)

    def test_a_clawback_after_the_release_takes_back_what_was_paid(self):
        """Released in July: its half-year is the second one."""
        invoice = self._sold(MARCH)
        self._closed(MARCH)
        self._approve()
        july = self._closed(JULY)
        self.assertEqual(july.bonus_amount, 50000)
        self._credit_note(invoice, AUGUST.replace(day=5))
        august = self._calculate(AUGUST)
        self.assertEqual(
            (august.credit_amount, august.bonus_amount), (-1000000, -50000)
        )
        self.assertFalse(self._lines_of(august, "clawback"))

    def test_a_document_that_expires_later_doesnt_hold_a_clawback(self):
        documents = self._approve()
        invoice = self._sold(MARCH)
        self._closed(MARCH)
        documents._unlocked().write({"state": "expired"})
        self._credit_note(invoice, APRIL.replace(day=5))
        april = self._calculate(APRIL)
        self.assertEqual((april.credit_amount, april.bonus_amount), (-1000000, -50000))

    def test_an_order_without_a_deal_says_so(self):
        self._sold(MARCH, lead=self.env["crm.lead"])
        march = self._calculate(MARCH)
        self.assertEqual(march.held_credits, 1000000)
        self.assertIn(
            "isn't linked to a deal", self._lines_of(march, "credit_held").formula
        )

    def test_the_deal_of_another_client_doesnt_count(self):
        foreign = self._new_deal(partner_id=self.other_client.id)
        order = self._order(MARCH.replace(day=3), 1000000, opportunity_id=foreign.id)
        self._bill(order, MARCH.replace(day=5))
        march = self._calculate(MARCH)
        self.assertEqual(march.held_credits, 1000000)

    def test_nobody_paid_by_it_moves_an_order_to_another_deal(self):
        other = self._new_deal(name="Second")
        self._approve(lead=other)
        order = self._sold(MARCH).line_ids.sale_line_ids.order_id
        for user in (self.manager, self.officer):
            with self.refused((UserError, AccessError)):
                order.with_user(user).write({"opportunity_id": other.id})
            with self.refused((UserError, AccessError)):
                other.with_user(user).write({"order_ids": [Command.link(order.id)]})
        self.assertEqual(order.opportunity_id, self.lead)
        order.with_user(self.supervisor).write({"opportunity_id": other.id})
        self.assertEqual(self._calculate(MARCH).credit_amount, 1000000)

    def test_a_leaver_gets_them_when_they_are_released(self):
        self._sold(MARCH)
        self._closed(MARCH)
        self.agreement._unlocked().write({"date_to": date(2025, 3, 31)})
        statements = self.env["nka.pay.statement"]
        self.assertNotIn(
            self.employee, statements._payable_employees(APRIL, self.company)
        )
        self._approve()
        self.assertIn(self.employee, statements._payable_employees(APRIL, self.company))
        april = self._calculate(APRIL)
        self.assertEqual((april.credit_amount, april.total_amount), (1000000, 50000))

    def test_new_money_for_a_leaver_waits_too(self):
        self.agreement._unlocked().write({"date_to": date(2025, 3, 31)})
        order = self._order(MARCH.replace(day=3), 1000000, opportunity_id=self.lead.id)
        self._bill(order, APRIL.replace(day=5))
        april = self._closed(APRIL)
        self.assertEqual((april.credit_amount, april.held_credits), (0, 1000000))

    def test_calculated_twice_is_the_same(self):
        self._sold(MARCH)
        first = self._calculate(MARCH)
        lines = [(row.kind, row.amount, row.res_ids) for row in first.line_ids]
        again = self._calculate(MARCH)
        self.assertEqual(
            [(row.kind, row.amount, row.res_ids) for row in again.line_ids], lines
        )

    def test_the_forecast_and_the_close_say_what_is_held(self):
        self._sold(MARCH)
        self._build()
        forecast = self.env["nka.pay.forecast"]._make(
            self.manager, self.company, date(2025, 3, 10)
        )
        self.assertEqual(forecast.credits, 0)
        self.assertIn("are held until", forecast.bonus_reason)
        self.assertIn("Contract of test, Act of test", forecast.held_note)
        march = self._closed(MARCH)
        variances = self.env["nka.pay.variance"].search(
            [("statement_id", "=", march.id), ("component", "=", "bonus")]
        )
        self.assertFalse(variances, "Nothing was paid, so nothing differs")

    def test_another_currency(self):
        euro = OrdersCase._euro_prices.__func__(type(self), 0.5)
        self._sold(MARCH, 1000, pricelist_id=euro.id)
        march = self._closed(MARCH)
        self.assertEqual(march.held_credits, 2000)
        self._approve()
        self.assertEqual(self._calculate(APRIL).credit_amount, 2000)

    def test_terms_are_frozen_and_in_the_hash(self):
        draft = self._new_version(date(2026, 7, 1))
        plain = draft._make_digest()
        draft.write({"release_document_type_ids": [Command.set(self.types.ids)]})
        self.assertNotEqual(draft._make_digest(), plain)
        for user in (self.officer, self.kam_admin, self.manager):
            with self.refused((UserError, AccessError)):
                self.version.with_user(user).write(
                    {"release_document_type_ids": [Command.clear()]}
                )
        for query in (
            "DELETE FROM nka_pay_plan_version_document_type_rel WHERE version_id = %s",
            "UPDATE nka_pay_plan_version_document_type_rel SET version_id = NULL"
            " WHERE version_id = %s",
        ):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(RestrictViolation),
                self.cr.savepoint(),
            ):
                self.cr.execute(query, [self.version.id])


class TestHeldMoney(HeldCase):
    """The same on the basis of payments received."""

    BASIS = "paid"

    def test_each_payment_waits(self):
        invoice = self._sold(MARCH)
        self._pay(invoice, invoice.amount_total / 2, MARCH.replace(day=10))
        self._pay(invoice, invoice.amount_total / 2, APRIL.replace(day=10))
        march = self._closed(MARCH)
        self.assertEqual((march.credit_amount, march.held_credits), (0, 500000))
        self._approve()
        april = self._calculate(APRIL)
        self.assertEqual((april.credit_amount, april.held_credits), (1000000, 0))
        released = self._lines_of(april, "credit_released")
        self.assertEqual(len(released.res_ids), 1)

    def test_a_payment_undone_while_it_waits_leaves_nothing(self):
        """Undone in a closed month, and matched again: it waits as before."""
        invoice = self._sold(MARCH)
        payment = self._pay(invoice, invoice.amount_total, MARCH.replace(day=10))
        self._closed(MARCH)
        payment.move_id.line_ids.remove_move_reconcile()
        april = self._calculate(APRIL)
        self.assertEqual((april.credit_amount, april.held_credits), (0, 0))
        self._match(invoice, payment)
        april = self._calculate(APRIL)
        self.assertEqual((april.credit_amount, april.held_credits), (0, 1000000))
        self._approve()
        april = self._calculate(APRIL)
        self.assertEqual((april.credit_amount, april.held_credits), (1000000, 0))

    def test_the_forecast_expects_nothing_of_invoices_without_documents(self):
        invoice = self._sold(MARCH)
        self._build()
        day = date(2025, 3, 20)
        forecasts = self.env["nka.pay.forecast"].with_user(self.manager)
        forecast = forecasts._make(self.manager, self.company, day)
        line = forecast.line_ids.filtered(lambda row: row.kind == "unpaid")
        self.assertTrue(line.is_held)
        self.assertIn(invoice.name, line.name)
        self.assertIn("Contract of test, Act of test", line.name)
        self.assertEqual(forecast.expected, 0)
        self._approve()
        forecast = forecasts._make(self.manager, self.company, day)
        line = forecast.line_ids.filtered(lambda row: row.kind == "unpaid")
        self.assertEqual((line.is_held, forecast.expected), (False, 1000000))
