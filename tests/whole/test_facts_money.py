"""Facts of docs/facts.md about payments, orders, clients and leavers.

The tests use only public models and actions, and the documented build of the ledger.
"""

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..ledger.common import APRIL, FIRST_OF_APRIL, MARCH, LedgerCase, OrdersCase

MAY = date(2025, 5, 12)


class FactsCase(OrdersCase):
    """The manager owns the account until March 2025, the colleague from April on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        salesperson = cls.env.ref("sales_team.group_sale_salesman_all_leads")
        for user in (cls.manager, cls.colleague):
            user.group_ids |= salesperson
        cls.none = cls.tax.browse()
        cls.receivable = cls.client.property_account_receivable_id
        cls.money_account = cls.bank.default_account_id
        cls.costs = cls.env["account.account"].create(
            {"name": "Written off", "code": "WROFF", "account_type": "expense"}
        )

    @classmethod
    def _sold(cls, amount, day=APRIL, client=None, **vals):
        return cls._invoice(amount, day, client, cls.none, **vals)

    @classmethod
    def _booked(cls, *rows, day=MAY, post=True):
        """Create an entry from rows of account, balance and optional partner."""
        entry = cls.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "debit": max(amount, 0),
                            "credit": max(-amount, 0),
                            "partner_id": (partner or [cls.client])[0].id,
                        }
                    )
                    for account, amount, *partner in rows
                ],
            }
        )
        if post:
            entry.action_post()
        return entry

    @classmethod
    def _receive(cls, move, amount=None, day=MAY):
        payment = cls._money(
            amount or move.amount_total, day, partner_id=move.partner_id.id
        )
        cls._match(move, payment)
        return payment

    def _rpc(self, user, records, method, *args, **kwargs):
        """Call a method as an RPC client does, with the rights of the user."""
        model = self.env(user=user.id, su=False)[records._name]
        ids = [records.ids] if records.ids else []
        try:
            return call_kw(model, method, [*ids, *args], kwargs)
        finally:
            self.env.flush_all()
            self.env.invalidate_all()

    def _try(self, user, records, method, *args, **kwargs):
        """Call a method as ``_rpc`` does and ignore a refusal."""
        with (
            suppress(AccessError, UserError),
            mute_logger("odoo.addons.base.models.ir_rule"),
            self.cr.savepoint(),
        ):
            return self._rpc(user, records, method, *args, **kwargs)

    def _sums(self):
        """Return the sales credits of the manager and of the colleague.

        Asserts that a full build of the ledger finds nothing else.
        """
        self._build()
        sums = [
            Decimal(str(round(sum(self._lines(user).mapped("amount")), 2)))
            for user in (self.manager, self.colleague)
        ]
        self.assertEqual(self._build(is_full=True), 0)
        return tuple(float(amount) for amount in sums)

    def _rows(self):
        """Return the credit reconciliation of two years and assert that it agrees."""
        check = (
            self.env["nka.bonus.check"]
            .with_user(self.officer)
            .with_context(allowed_company_ids=self.company.ids)
            .create(
                {
                    "company_id": self.company.id,
                    "date_from": "2025-01-01",
                    "date_to": "2026-12-31",
                }
            )
        )
        check.action_check()
        rows = check.sudo().line_ids
        self.assertEqual(check.difference_count, 0)
        # Every untaxed amount is credited, or listed with a reason.
        self.assertEqual(
            round(sum(rows.mapped("untaxed")), 2),
            round(sum(rows.mapped("credited")) + sum(rows.mapped("rest")), 2),
        )
        return rows


@tagged("nka_facts")
class TestMoney(FactsCase):
    def test_matched_with_a_draft_payment(self):
        invoice = self._sold(1000)
        entry = self._booked(
            (self.money_account, 1000), (self.receivable, -1000), post=False
        )
        self._match(invoice, entry)
        self.assertEqual(self._sums(), (0, 0))
        self.assertIn("unposted", self._rows().mapped("reason"))
        entry.action_post()
        self.assertEqual(self._sums(), (0, 1000))

    def test_payment_set_back_to_draft(self):
        payment = self._receive(self._sold(1000))
        self.assertEqual(self._sums(), (0, 1000))
        payment.action_draft()
        self.assertEqual(self._sums(), (0, 0))
        self.assertIn("unposted", self._rows().mapped("reason"))
        payment.action_post()
        self.assertEqual(self._sums(), (0, 1000))

    def test_discount_of_one_invoice_of_two(self):
        """One payment of 1,900 for 1,000 with 10 % discount and 1,000 without."""
        term = self.env["account.payment.term"].create(
            {
                "name": "10 % in 60 days",
                "early_discount": True,
                "discount_percentage": 10,
                "discount_days": 60,
                "early_pay_discount_computation": "included",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 90}
                    )
                ],
            }
        )
        plain = self._sold(1000, MARCH)
        early = self._sold(
            1000, APRIL, invoice_payment_term_id=term.id, invoice_date_due=False
        )
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=(early | plain).ids)
            .create(
                {
                    "payment_date": APRIL,
                    "journal_id": self.bank.id,
                    "group_payment": True,
                }
            )
        )
        self.assertEqual(wizard.amount, 1900)
        wizard._create_payments()
        self.assertEqual(self._sums(), (1000, 900))
        self._rows()

    def test_manual_write_off_is_spread_over_the_invoices(self):
        invoices = self._sold(1000, MARCH) | self._sold(1000)
        self._pay(
            invoices,
            1500,
            MAY,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.costs.id,
        )
        self.assertEqual(self._sums(), (750, 750))
        self._rows()

    def test_journal_entry_of_bank_and_receivable(self):
        invoice = self._sold(1000)
        self._match(
            invoice, self._booked((self.money_account, 1000), (self.receivable, -1000))
        )
        self.assertEqual(self._sums(), (0, 1000))

    def test_entry_on_an_expense_account_is_not_a_payment(self):
        invoice = self._sold(1000)
        self._match(invoice, self._booked((self.costs, 1000), (self.receivable, -1000)))
        self.assertEqual(self._sums(), (0, 0))
        self.assertIn("write_off", self._rows().mapped("reason"))

    def test_tax_withheld_by_the_client(self):
        withheld = self.env["account.account"].create(
            {"name": "Withheld", "code": "WHTAX", "account_type": "asset_current"}
        )
        invoice = self._sold(1000)
        entry = self._booked(
            (self.money_account, 900), (withheld, 100), (self.receivable, -1000)
        )
        self._match(invoice, entry)
        self.assertEqual(self._sums(), (0, 900))
        self.company.nka_money_account_ids = withheld
        self.assertEqual(self._sums(), (0, 1000))

    def test_one_entry_for_two_clients(self):
        mine, foreign = self._sold(1000), self._sold(1000, client=self.other_client)
        entry = self._booked(
            (self.money_account, 1500),
            (self.costs, 500),
            (self.receivable, -1000),
            (self.receivable, -1000, self.other_client),
        )
        self._match(mine, foreign, entry)
        self.assertEqual(self._sums(), (0, 750))
        self._rows()

    def test_debt_moved_to_another_client_is_not_a_payment(self):
        invoice = self._sold(1000)
        entry = self._booked(
            (self.receivable, 1000, self.other_client), (self.receivable, -1000)
        )
        self._match(invoice, entry)
        self.assertEqual(self._sums(), (0, 0))

    def test_opening_balance_paid(self):
        opening = self._booked(
            (self.receivable, 1200), (self.costs, -1200), day=date(2025, 1, 1)
        )
        self._match(opening, self._money(1200, MAY))
        self.assertEqual(self._sums(), (0, 0))
        row = self._rows().filtered(lambda line: line.reason == "no_invoice")
        self.assertEqual(row.settled, 1200)
        self.assertTrue(row.note)

    def test_sales_receipt(self):
        self._receive(self._sold(50000, move_type="out_receipt"))
        self.assertEqual(self._sums(), (0, 50000))

    def test_paid_in_dollars_at_another_rate(self):
        """Pay half of EUR 1,000, which are 2,000 at the rate of the invoice."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        for day, rate in ((date(2025, 1, 1), 0.5), (date(2025, 5, 1), 0.4)):
            self.env["res.currency.rate"].create(
                {"currency_id": euro.id, "name": day, "rate": rate}
            )
        invoice = self._sold(1000, currency_id=euro.id)
        self._pay(invoice, 1250, MAY, currency_id=self.company.currency_id.id)
        self.assertEqual(self._sums(), (0, 1000))
        self._rows()

    def test_down_payment_of_the_whole_order(self):
        order = self._order(MARCH, 1000)
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=order.ids)
            .create({"advance_payment_method": "percentage", "amount": 100})
        )
        wizard.create_invoices()
        deposit = order.invoice_ids
        deposit.invoice_date = APRIL
        deposit.action_post()
        self._receive(deposit)
        final = order._create_invoices(final=True)
        final.invoice_date = MAY
        final.action_post()
        self.assertEqual(final.amount_total, 0)
        self.assertEqual(self._sums(), (1000, 0))
        self._rows()

    def test_paid_credited_and_invoiced_again(self):
        """The payment counts only once."""
        first = self._sold(1000, MARCH)
        self._receive(first, day=APRIL)
        note = self._credit_note(first, MAY, match=False)
        self._match(self._sold(1000, MAY), note)
        self.assertEqual(self._sums(), (1000, 0))
        self._rows()

    def test_credit_note_of_which_half_is_refunded(self):
        invoice = self._sold(1000)
        self._receive(invoice)
        note = self._credit_note(invoice, MAY, match=False)
        entry = self._booked(
            (self.receivable, 1000), (self.money_account, -500), (self.costs, -500)
        )
        self._match(note, entry)
        self.assertEqual(self._sums(), (0, 500))
        self._rows()


@tagged("nka_facts")
class TestOrders(FactsCase):
    def test_two_orders_on_one_invoice(self):
        orders = self._order(MARCH, 1) | self._order(APRIL, 300000)
        self._receive(self._bill(orders))
        self.assertEqual(self._sums(), (1, 300000))
        self._rows()

    def test_line_without_an_order_goes_by_the_invoice_date(self):
        move = self._bill(self._order(MARCH, 1), post=False)
        line = {"name": "More", "price_unit": 99, "tax_ids": []}
        move.invoice_line_ids = [Command.create(line)]
        move.action_post()
        self._receive(move)
        self.assertEqual(self._sums(), (1, 99))

    def test_date_order_rewritten_by_the_incoming_manager(self):
        order = self._order(MARCH, 1000)
        self._try(self.colleague, order, "write", {"date_order": "2025-04-20 10:00:00"})
        self._receive(self._bill(order))
        self.assertEqual(self._sums(), (1000, 0))

    def test_date_order_rewritten_during_a_split_handover(self):
        self._split_handover(FIRST_OF_APRIL, credit_share=50, credit_days=365)
        order = self._order(MARCH, 1000)
        self._try(self.colleague, order, "write", {"date_order": "2025-04-20 10:00:00"})
        self._receive(self._bill(order))
        self.assertEqual(self._sums(), (500, 500))

    def test_order_backdated_by_the_manager_who_confirms_it(self):
        """An order of another client is backdated, then moved to the key account."""
        order = self._quotation(
            300, client=self._new_client("Free"), user_id=self.manager.id
        )
        client = {"partner_id": self.client.id, "partner_invoice_id": self.client.id}
        for method, *args in (
            ("action_confirm",),
            ("write", {"date_order": "2025-03-01 10:00:00"}),
            ("write", client),
        ):
            self._try(self.manager, order, method, *args)
        self._receive(self._bill(order))
        self.assertEqual(self._sums(), (0, 300))

    def test_old_order_of_another_client_linked_by_rpc(self):
        old = self._order(MARCH, 5000, client=self.other_client)
        old.user_id = self.manager
        invoice = self._sold(5000)
        self._receive(invoice)
        link = {"invoice_lines": [Command.link(invoice.invoice_line_ids.id)]}
        self._try(self.manager, old.order_line, "write", link)
        self.assertEqual(self._sums(), (0, 5000))
        draft = self._sold(700)
        draft.button_draft()
        link = {"invoice_lines": [Command.link(draft.invoice_line_ids.id)]}
        self._try(self.manager, old.order_line, "write", link)
        draft.action_post()
        self._receive(draft)
        self.assertEqual(self._sums(), (0, 5700))
        self._rows()


@tagged("nka_facts")
class TestClients(FactsCase):
    def test_manager_cannot_add_a_company_to_a_client(self):
        stranger = self._new_client("Stranger")
        self._receive(self._sold(20000, client=stranger))
        with self.refused(AccessError, "supervisor"):
            self._rpc(
                self.manager,
                stranger,
                "write",
                {"parent_id": self.client.id, "is_company": False},
            )
        self.assertEqual(self._sums(), (0, 0))

    def test_sales_before_a_supervisor_adds_a_company_do_not_count(self):
        stranger = self._new_client("Stranger")
        before = self._sold(20000, self.today - timedelta(9), client=stranger)
        self._rpc(
            self.supervisor,
            stranger,
            "write",
            {"parent_id": self.client.id, "is_company": False},
        )
        self.assertEqual(stranger.commercial_partner_id, self.client)
        self._receive(before, day=self.today)
        self.assertEqual(self._sums(), (0, 0))
        self._receive(self._sold(300, self.today, stranger), day=self.today)
        self.assertEqual(self._sums(), (0, 300))

    def test_branch_of_the_company(self):
        branch = self.env["res.company"].create(
            {"name": "North branch", "parent_id": self.company.id}
        )
        stranger = self.env["res.company"].create({"name": "Sister"})
        self.env = self.env(
            context={
                **self.env.context,
                "allowed_company_ids": (self.company | branch | stranger).ids,
            }
        )
        self._share_receivables(branch)
        line = {"name": "Service", "price_unit": 1000, "tax_ids": []}
        invoice = (
            self.env["account.move"]
            .with_company(branch)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.client.id,
                    "invoice_date": APRIL,
                    "invoice_line_ids": [Command.create(line)],
                }
            )
        )
        invoice.action_post()
        self.assertEqual(invoice.company_id, branch)
        self._receive(invoice)
        self.assertEqual(self._sums(), (0, 1000))
        self._rows()

    def test_invoice_of_the_company_paid_at_a_branch(self):
        branch = self.env["res.company"].create(
            {"name": "North branch", "parent_id": self.company.id}
        )
        self.env = self.env(
            context={
                **self.env.context,
                "allowed_company_ids": (self.company | branch).ids,
            }
        )
        self._share_receivables(branch)
        invoice = self._sold(1000)
        entry = self._booked(
            (self.money_account, 1000), (self.receivable, -1000), post=False
        )
        entry.company_id = branch
        entry.action_post()
        self._match(invoice, entry)
        self.assertEqual(self._sums(), (0, 1000))
        self._rows()


@tagged("nka_facts")
class TestLeaver(LedgerCase):
    """The manager leaves on 14 February, the colleague takes over on 1 March."""

    LEAVING = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._accepted(cls.other_employee, date_from=date(2025, 1, 1))
        cls.agreement.with_user(cls.officer).sudo()._finish(
            date(2025, 2, 14), "Left the company"
        )
        cls.account.assignment_ids._unlocked().write({"date_to": date(2025, 2, 28)})
        cls._new_owner(cls.account, cls.colleague, date(2025, 3, 1))
        days = (date(2025, 2, 20), date(2025, 3, 20), date(2025, 6, 20))
        for day in (*days, date(2025, 9, 20)):
            invoice = cls._invoice(100000, date(2025, 1, 20), taxes=cls.tax.browse())
            cls._match(invoice, cls._money(100000, day))
        cls._build()

    def _of(self, user):
        return {
            line.date.month: line.amount for line in self._lines(user) if line.amount
        }


class TestLeaverIsCredited(TestLeaver):
    def test_for_six_months_then_the_successor(self):
        self.assertEqual(self._of(self.manager), {2: 100000, 3: 100000, 6: 100000})
        self.assertEqual(self._of(self.colleague), {9: 100000})


class TestSuccessorIsCredited(TestLeaver):
    LEAVING = {"after_leaving": "successor"}

    def test_from_the_first_day_of_ownership(self):
        """On 20 February the leaver still owns the account: no one gets a credit."""
        self.assertEqual(self._of(self.manager), {})
        self.assertEqual(self._of(self.colleague), {3: 100000, 6: 100000, 9: 100000})


class TestNoOneIsCredited(TestLeaver):
    LEAVING = {"after_leaving": "nobody"}

    def test_payments_are_listed_with_amount_and_reason(self):
        self.assertFalse(self._lines(self.manager) | self._lines(self.colleague))
        rows = (
            self.env["nka.bonus.check"]
            ._check(self.company, date(2025, 1, 1), date(2025, 12, 31))
            .line_ids
        )
        left = rows.filtered(lambda line: line.reason == "left")
        self.assertEqual(sum(left.mapped("rest")), 400000)
