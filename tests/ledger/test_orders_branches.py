"""A company's ledger counts the documents of its branches, and of no other company."""

from datetime import date

from odoo import Command

from .common import APRIL, MARCH, OrdersCase

MAY = date(2025, 5, 12)
CLOSED = date(2025, 5, 1)


class TestBranches(OrdersCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls._new_company("North branch", parent_id=cls.company.id)
        cls.below = cls._new_company("Harbour office", parent_id=cls.branch.id)
        cls.stranger = cls._new_company("Another company")
        companies = cls.company | cls.branch | cls.below | cls.stranger
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": companies.ids}
        )
        cls.env["account.chart.template"].try_loading(
            "generic_coa", cls.stranger, install_demo=False
        )
        for name in ("client", "other_client", "product", "bank", "account"):
            setattr(cls, name, getattr(cls, name).with_env(cls.env))
        cls._share_receivables(cls.branch | cls.below)

    @classmethod
    def _new_company(cls, name, **vals):
        return cls.env["res.company"].create({"name": name, **vals})

    def _branch_bill(self, company, amount, day=APRIL, post=True):
        line = {"name": "Service", "price_unit": amount, "tax_ids": []}
        move = (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.client.id,
                    "invoice_date": day,
                    "invoice_line_ids": [Command.create(line)],
                }
            )
        )
        if post:
            move.action_post()
        return move

    def _receive(self, move, amount, day=MAY):
        payment = self._money(amount, day)
        self._match(move, payment)
        return payment

    def test_what_a_branch_invoices_and_the_client_pays(self):
        for company, amount in ((self.branch, 100), (self.below, 20)):
            move = self._branch_bill(company, amount, MARCH)
            self.assertEqual(move.company_id, company)
            self._receive(move, amount)
        self._branch_bill(self.stranger, 3)
        self._build()
        self._both({5: "120"}, {})
        line = self._lines()[0]
        self.assertEqual(line.company_id, self.company)
        self.assertNothingMissed()

    def test_money_undone_at_a_branch_reaches_the_companys_ledger(self):
        move = self._branch_bill(self.branch, 100, MARCH)
        payment = self._receive(move, 100)
        self._build()
        self._close_month(CLOSED)
        self._age()
        payment.move_id.line_ids.remove_move_reconcile()
        self._build()
        self._both({5: "100", 6: "-100"}, {})
        self.assertNothingMissed()

    def test_an_invoice_of_a_branch_changed_behind_a_closed_month(self):
        move = self._branch_bill(self.branch, 100, MARCH)
        self._receive(move, 100)
        self._build()
        self._close_month(CLOSED)
        self._age()
        move.button_draft()
        self._build()
        self._both({5: "100", 6: "-100"}, {})

    def test_orders_of_a_branch_decide_by_their_day(self):
        orders = self.env["sale.order"]
        for day in (MARCH, APRIL):
            line = {"product_id": self.product.id, "price_unit": 50, "tax_ids": []}
            order = orders.with_company(self.branch).create(
                {
                    "partner_id": self.client.id,
                    "company_id": self.branch.id,
                    "order_line": [Command.create(line)],
                }
            )
            order.action_confirm()
            order.date_order = day
            orders |= order
        move = self._bill(orders)
        self.assertEqual(move.company_id, self.branch)
        self._receive(move, 100)
        self._build()
        self._both({5: "50"}, {5: "50"})

    def test_a_credit_note_of_a_branch(self):
        move = self._branch_bill(self.branch, 100, MARCH)
        self._receive(move, 100)
        note = self._credit_note(move, MAY, match=False)
        self._match(note, self._money(40, MAY, kind="outbound"))
        self._build()
        self._both({5: "60"}, {})

    def test_a_branch_with_an_account_of_its_own(self):
        """It has a ledger of its own; the company above doesn't count its clients."""
        own = self.env["nka.key.account"].create(
            {
                "partner_id": self.other_client.id,
                "company_id": self.branch.id,
                "manager_id": self.env.uid,
            }
        )
        self.assertEqual(own.company_id, self.branch)
        move = self._branch_bill(self.branch, 100, MARCH, post=False)
        move.partner_id = self.other_client
        move.action_post()
        payment = self._money(100, MAY, partner_id=self.other_client.id)
        self._match(move, payment)
        self._build()
        self._both({}, {})
        self.env.flush_all()
        move.button_draft()
        self.env.flush_all()
        self.env.cr.execute("SELECT DISTINCT company_ref FROM nka_bonus_touched")
        told = {company_id for (company_id,) in self.env.cr.fetchall()}
        self.assertEqual(told, {self.company.id, self.branch.id})
